"""For machines: is the process alive, can it serve, what has it counted."""

import prometheus_client
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.config import config
from api.problems import problem
from api.standing import standing_text
from retrieval.metrics import registry
from retrieval.readiness import readiness


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nobody."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when Postgres answers and a mix is published; 503 says which does not.

    Without the cache the answer is "degraded" and still 200: requests are served, and a load balancer that took
    every instance out would turn a slow moment into an outage.
    """
    found = readiness()
    if found.status != "not ready":
        return JsonResponse({"status": found.status, "checks": found.checks})
    detail = f"Not ready: {', '.join(found.failed)}."
    return problem(request, 503, "not_ready", detail, headers={"Retry-After": "1"}, checks=found.checks)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for whoever has the token: the figures tell of the business."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), config().metrics_token):
        headers = {"WWW-Authenticate": "Bearer"}
        return problem(
            request, 401, "not_authenticated", "Send the metrics token as bearer.", headers=headers
        )
    return HttpResponse(
        prometheus_client.generate_latest(registry(config().metrics_dir)) + standing_text(),
        content_type=prometheus_client.CONTENT_TYPE_LATEST,
    )
