from django.urls import path

from portal.school.web import views, watching

app_name = "school"
urlpatterns = [
    path("", views.courses, name="courses"),
    path("courses/<uuid:uid>/enrol/", views.enrol, name="enrol"),
    path("units/<uuid:uid>/", views.unit, name="unit"),
    path("units/<uuid:uid>/done/", views.unit_done, name="unit_done"),
    path("units/<uuid:uid>/watch/open/", watching.open_watching, name="watch_open"),
    path("units/<uuid:uid>/watch/", watching.beacon, name="watch"),
]
