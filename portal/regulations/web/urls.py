from django.urls import path

from portal.regulations.web import comparing, exporting, views

app_name = "regulations"
urlpatterns = [
    path("", views.regulation_list, name="list"),
    path("<slug:code>", views.work, name="work"),
    path("<slug:code>/", views.without_slash, name="work_slash"),
    path("<slug:code>/compare", comparing.comparison, name="compare"),
    path("<slug:code>/compare.docx", comparing.comparison_as_word, name="compare_word"),
    path("<slug:code>@<slug:key>.<slug:form>", exporting.export, name="export"),
    path("<slug:code>@<slug:key>", views.version, name="version"),
    path("<slug:code>@<slug:key>/<path:place>", views.place, name="place"),
    path("<slug:code>/<slug:lineage>", views.article, name="article"),
]
