from django.urls import path, register_converter

from media_pipeline.web import views


class RenditionName:
    """v0, v1, …, a0."""

    regex = "[av][0-9]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RenditionName, "rendition")

app_name = "play"
urlpatterns = [
    path("<str:token>/master.m3u8", views.master, name="master"),
    path("<str:token>/poster.jpg", views.poster, name="poster"),
    path("<str:token>/<rendition:name>.m3u8", views.playlist, name="playlist"),
    path("<str:token>/<rendition:name>.m4s", views.media, name="media"),
]
