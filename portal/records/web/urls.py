import datetime as dt

from django.urls import path, register_converter

from portal.records.web import views


class DayConverter:
    """A date as `2026-07-01`."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


register_converter(DayConverter, "records_day")

app_name = "records"
urlpatterns = [
    path("audit/", views.trail, name="trail"),
    path("audit/export/", views.trail_export, name="trail_export"),
    path("heads/", views.heads, name="heads"),
    path("heads/export/", views.chain_export, name="chain_export"),
    path("heads/<records_day:day>/", views.head, name="head"),
    path("timeliness/", views.timeliness, name="timeliness"),
]
