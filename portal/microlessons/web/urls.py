from django.urls import path

from portal.microlessons.web import views

app_name = "microlessons"
urlpatterns = [
    path("", views.lessons, name="lessons"),
    path("<uuid:uid>/watch/open/", views.open_watching, name="watch_open"),
    path("<uuid:uid>/watch/", views.beacon, name="watch"),
]
