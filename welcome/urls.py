"""The pages' URLs; the token says who is there."""

from django.urls import path

from welcome.views import feed, survey

app_name = "welcome"
urlpatterns = [
    path("welcome/<str:token>/", survey, name="survey"),
    path("welcome/<str:token>/feed", feed, name="feed"),
]
