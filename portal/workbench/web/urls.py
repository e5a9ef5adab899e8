from django.urls import path

from portal.workbench.web import arranging, running, views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("arrange/", arranging.arrange, name="arrange"),
    path("arrange/change/", arranging.change, name="change"),
    path("figures/", views.figures, name="figures"),
    path("tiers/", views.tiers, name="tiers"),
    path("tiers/<uuid:uid>/", views.tiers, name="tier"),
    path("health/", running.health, name="health"),
    path("health/<slug:kind>/<int:pk>/again/", running.again, name="again"),
    path("reviews/", views.reviews, name="reviews"),
    path("returned/", views.returned, name="returned"),
    path("drafts/", views.drafts, name="drafts"),
]
