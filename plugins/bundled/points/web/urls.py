from django.urls import path

from plugins.bundled.points.web import views

urlpatterns = [
    path("", views.my_points, name="mine"),
    path("rules/", views.rules, name="rules"),
]
