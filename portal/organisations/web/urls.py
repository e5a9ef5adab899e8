from django.urls import path

from portal.organisations.web import picking, places, rights

app_name = "organisation"
urlpatterns = [
    path("map/", places.plan, name="map"),
    path("suggest/", picking.suggest, name="suggest"),
    path("roles/", rights.own_roles, name="own_roles"),
    path("roles/<uuid:uid>/deputy/", rights.deputy, name="deputy"),
    path("deputies/<uuid:uid>/end/", rights.deputy_end, name="deputy_end"),
    path("<uuid:uid>/rights/", rights.who_can, name="who_can"),
]
