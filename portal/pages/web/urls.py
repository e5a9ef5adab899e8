from django.urls import path

from portal.pages.web.styleguide import styleguide

app_name = "pages"
urlpatterns = [
    path("styleguide/", styleguide, name="styleguide"),
]
