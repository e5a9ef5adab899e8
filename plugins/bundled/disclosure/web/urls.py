from django.urls import path

from plugins.bundled.disclosure.web import views

urlpatterns = [
    path("", views.items, name="items"),
    path("calendar/", views.month, name="calendar"),
    path("desk/", views.desk, name="desk"),
    path("desk/new/", views.new_item, name="new"),
    path("desk/<uuid:uid>/", views.edit_item, name="edit"),
    path("desk/<uuid:uid>/propose/", views.propose, name="propose"),
    path("desk/<uuid:uid>/check/", views.check, name="check"),
    path("<uuid:uid>/", views.item, name="item"),
]
