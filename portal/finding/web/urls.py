from django.urls import path

from portal.finding.web import answers, own

app_name = "finding"

urlpatterns = [
    path("saved/", own.saved, name="saved"),
    path("saved/add/", own.add, name="add"),
    path("saved/<uuid:uid>/", own.open_saved, name="open"),
    path("saved/<uuid:uid>/change/", own.change, name="change"),
    path("recent/", own.recent, name="recent"),
    path("export/", own.export, name="export"),
    path("answers/", answers.listed, name="answers"),
    path("answers/<slug:code>/", answers.one, name="answer"),
]
