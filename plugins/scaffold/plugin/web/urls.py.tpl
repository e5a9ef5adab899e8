from django.urls import path

from __slug__.web import views

urlpatterns = [
    path("", views.notes, name="notes"),
    path("<uuid:uid>/", views.note, name="note"),
]
