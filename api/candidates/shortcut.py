"""Plain questions that have a ready answer, answered before Django makes a request of them.

Whatever is out of the ordinary (another method, a parameter that isn't plain, a key that doesn't open, a rate that is
used up, a store that is away, an answer that isn't there) goes the usual way, and gets the usual answer.
"""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any

import orjson
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error as DatabaseError
from django.http import HttpResponse, QueryDict
from django.middleware.security import SecurityMiddleware
from django.utils import timezone
from rest_framework.serializers import ValidationError

from api.authentication import key_of, verified_keys
from api.candidates.parameters import CandidatesParameters
from api.candidates.requests import query_values
from api.external_ids import Refused, read_external_id
from api.metrics import REQUESTS, SECONDS, TIMED_VIEW
from api.models import Scope
from api.request_ids import request_id_in
from api.throttling import Count
from retrieval import metrics, ready
from retrieval.shares import log_draw
from retrieval.tally import count_ready, count_request, count_unready
from retrieval.types import RetrievalError, SourceTimeout, StoreUnavailable

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Headers = tuple[tuple[str, str], ...]

EARLY = "headwater.refresh"  # in META: what is kept is to be made anew
_BEGINS, _ENDS = "/api/v1/users/", "/candidates"
_OPENING = {Scope.READ, Scope.ADMIN}
# What a question may say and still be plain: a deadline is kept by what is there already.
_PLAIN = {"k", "surface", "fields", "deadline_ms", "explain", "log_impressions"}
_SECONDS = SECONDS.labels(TIMED_VIEW)
_REQUESTS = REQUESTS.labels(TIMED_VIEW, "GET", 200)
_FORWARDED = "HTTP_X_FORWARDED_PROTO"


def with_shortcut(application: Application) -> Application:
    """`application`, which is asked only where there is no ready answer."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET" and path.endswith(_ENDS) and path.startswith(_BEGINS):
            try:
                answer = _answer(environ, path[len(_BEGINS) : -len(_ENDS)])
            except (RetrievalError, DatabaseError, Refused, UnicodeError):
                answer = None
            if answer is not None:
                content, headers = answer
                start_response("200 OK", [*headers])
                return [content]
        return application(environ, start_response)

    return wrapped


def _answer(environ: dict[str, Any], user: str) -> tuple[bytes, Headers] | None:
    began = time.perf_counter()
    said = _said(environ.get("QUERY_STRING", ""))
    client = verified_keys().client(key_of(environ))
    host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    of_site = _site_headers(host, environ["wsgi.url_scheme"], environ.get(_FORWARDED, ""))
    if said is None or client is None or of_site is None or not _OPENING & client.scopes:
        return None
    if not ready.enabled():
        return None
    # WSGI shows the path's bytes as Latin-1.
    question = ready.Question(read_external_id(user.encode("latin-1").decode()), *said)
    count = Count.of(client, Scope.READ)
    stale = False
    try:
        found = ready.find(question, *count.commands)
    except (StoreUnavailable, SourceTimeout):
        found, stale = ready.by_heart(question, *count.commands), True
    if not count.within(found.others):
        return None
    count.mark(environ)
    if found.early:
        environ[EARLY] = True
    if found.ready is None:
        count_unready(question.surface)
        return None
    return _written(environ, question.surface, found.ready, of_site, began, stale=stale)


def _written(
    environ: dict[str, Any], surface: str, answer: ready.Ready, of_site: Headers, began: float, *, stale: bool
) -> tuple[bytes, Headers]:
    request_id, age_s = request_id_in(environ), answer.stamp.age_s()
    used = {
        "level": answer.level,
        "age_s": round(age_s, 1),
        "stale": stale,
        "unfiltered": False,
        "ready": True,
    }
    head = orjson.dumps({"request_id": request_id, "cache": used})
    content = b"".join([head[:-1], b",", answer.tail])
    passed_s = time.perf_counter() - began
    metrics.REQUEST_MS.labels(answer.level).observe(passed_s * 1000)
    count_ready(surface, passed_s * 1000, arms=answer.arms, unchecked=stale)
    metrics.CACHE_AGE_S.labels(answer.level).observe(age_s)
    metrics.CANDIDATES.inc(answer.count)
    _SECONDS.observe(passed_s)
    _REQUESTS.inc()
    count_request(200, degraded=stale, ms=passed_s * 1000)
    if not stale:  # else there is nowhere to note it
        log_draw(answer.draw, user_id=answer.stamp.user_id, request_id=request_id, at=timezone.now())
    return content, (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(content))),
        ("X-Request-Id", request_id),
        ("Cache-Control", "no-store"),
        ("Server-Timing", f"ready;dur={passed_s * 1000:.2f}, total;dur={passed_s * 1000:.2f}"),
        *of_site,
    )


# Clients ask with the same few query strings again and again.
@lru_cache(maxsize=4096)
def _said(query: str) -> tuple[int, str, str] | None:
    """(k, surface, fields), where that is all the query says; None for what isn't plain or isn't allowed."""
    if not query.isascii():
        return None
    try:
        values = query_values(QueryDict(query), CandidatesParameters)
    except (ValidationError, UnicodeError):
        return None
    if values["explain"] or values["log_impressions"] or not values.keys() <= _PLAIN:
        return None
    return values["k"], values["surface"], values["fields"]


@lru_cache(maxsize=1024)
def _site_headers(host: str, scheme: str, forwarded: str) -> Headers | None:
    """What the site's settings put on every answer; None where they refuse the host or send the client elsewhere."""
    environ = {"HTTP_HOST": host, "wsgi.url_scheme": scheme, _FORWARDED: forwarded}
    request = WSGIRequest({**environ, "REQUEST_METHOD": "GET", "PATH_INFO": _BEGINS, "wsgi.input": BytesIO()})
    try:
        request.get_host()
    except (DisallowedHost, KeyError):
        return None
    response = SecurityMiddleware(lambda _: HttpResponse())(request)
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return None
    return tuple((name, value) for name, value in response.items() if name != "Content-Type")
