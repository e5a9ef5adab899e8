"""Wagtail's address of a document, with our question in front of it."""

from django.urls import re_path

from portal.files.web.documents import serve_document

urlpatterns = [re_path(r"^(\d+)/(.*)$", serve_document, name="wagtaildocs_serve")]
