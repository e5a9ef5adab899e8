from django.urls import path

from portal.workbench.web import views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("notices/read/", views.notices_read, name="notices_read"),
    path("reviews/", views.reviews, name="reviews"),
    path("returned/", views.returned, name="returned"),
    path("drafts/", views.drafts, name="drafts"),
]
