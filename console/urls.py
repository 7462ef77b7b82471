"""The pages' URLs."""

from django.urls import path

from console.home import home
from console.inspector.views import inspector

app_name = "console"
urlpatterns = [
    path("", home, name="home"),
    path("inspector/", inspector, name="inspector"),
]
