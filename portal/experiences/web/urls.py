from django.urls import path

from portal.experiences.web import views

app_name = "experiences"
urlpatterns = [path("", views.cases, name="cases")]
