"""The pages' URLs."""

from django.urls import path

from console.home import home
from console.inspector.views import inspector
from console.second_factor.pages import code, enrol, standing

app_name = "console"
urlpatterns = [
    path("", home, name="home"),
    path("inspector/", inspector, name="inspector"),
    path("admin/second-factor/", standing, name="second-factor"),
    path("admin/second-factor/code/", code, name="second-factor-code"),
    path("admin/second-factor/enrol/", enrol, name="second-factor-enrol"),
]
