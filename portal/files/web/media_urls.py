from django.urls import path

from portal.files.web import images

app_name = "media"
urlpatterns = [path("images/<str:name>", images.image, name="image")]
