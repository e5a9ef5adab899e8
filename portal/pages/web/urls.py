from django.urls import path

from portal.pages.web import pages, plain
from portal.pages.web.styleguide import styleguide

app_name = "pages"
urlpatterns = [
    path("", pages.home, name="home"),
    path("a/<slug:short_code>/", pages.page, name="short"),
    path("a/<slug:short_code>/<str:slug>/", pages.page, name="page"),
    path("branches/", pages.branches, name="branches"),
    path("styleguide/", styleguide, name="styleguide"),
    path("robots.txt", plain.robots, name="robots"),
    path("favicon.ico", plain.favicon, name="favicon"),
]
