from django.urls import path

from portal.files.web import videos

app_name = "files"
urlpatterns = [
    path("videos/<uuid:uid>/playback", videos.playback, name="video_playback"),
    path("videos/<uuid:uid>/poster", videos.poster, name="video_poster"),
]
