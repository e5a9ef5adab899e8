from django.urls import path

from plugins.bundled.quizzes.web import views

urlpatterns = [
    path("", views.papers, name="papers"),
    path("<uuid:uid>/", views.paper, name="paper"),
    path("result/<uuid:uid>/", views.result, name="result"),
]
