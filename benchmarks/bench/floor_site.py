"""The floor of a warm answer: a bare Django view that does one Redis GET of as many bytes."""

import os

import redis
from django.conf import settings  # noqa: TID251  this site has no settings module
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

KEY = "bench:floor"

settings.configure(
    SECRET_KEY="bench", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], DEBUG=False
)
_client = redis.Redis.from_url(os.environ["FLOOR_REDIS_URL"])


def floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_client.get(KEY), content_type="application/json")


urlpatterns = [path("floor", floor)]
application = get_wsgi_application()
