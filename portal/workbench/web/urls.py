from django.urls import path

from portal.workbench.web import views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("reviews/", views.reviews, name="reviews"),
    path("returned/", views.returned, name="returned"),
    path("drafts/", views.drafts, name="drafts"),
]
