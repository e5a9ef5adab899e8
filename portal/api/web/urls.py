"""`/api/v1/`: the operations, their document, and the same answer for everything else."""

from django.urls import path, re_path

from portal.api.service import url_patterns
from portal.api.web import views

app_name = "api"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    *url_patterns(),
    re_path(r"^.*$", views.nothing, name="nothing"),
]
