"""Plain questions that have a ready answer, answered before the rest of the site is asked.

Whatever is out of the ordinary (another method, a parameter that isn't plain, a key that doesn't open, a rate that is
used up, a store that is away, an answer that isn't there) goes the usual way, and gets the usual answer.
"""

import time
from collections.abc import Callable
from functools import lru_cache

import orjson
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from rest_framework.serializers import ValidationError

from api.authentication import key_of, verified_keys
from api.candidates.parameters import CandidatesParameters
from api.candidates.requests import query_values
from api.external_ids import Refused, read_external_id
from api.metrics import REQUESTS, SECONDS
from api.models import Scope
from api.request_ids import request_id_of
from api.throttling import Count
from retrieval import metrics, ready
from retrieval.types import RetrievalError

_BEGINS, _ENDS = "/api/v1/users/", "/candidates"
_VIEW = "UserCandidates"
_OPENING = {Scope.READ, Scope.ADMIN}
# What a question may say and still be plain: a deadline is kept by what is there already.
_PLAIN = {"k", "surface", "fields", "deadline_ms", "explain"}
EARLY = "headwater.refresh"  # in META: what is kept is to be made anew

_SECONDS = SECONDS.labels(_VIEW)
_REQUESTS = REQUESTS.labels(_VIEW, "GET", 200)


class Shortcut:
    """Middleware. Stands behind what redirects to HTTPS and before everything that a page needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if request.method == "GET" and path.endswith(_ENDS) and path.startswith(_BEGINS) and ready.enabled():
            request.get_host()  # refuses hosts that aren't ours
            try:
                response = _answer(request, path[len(_BEGINS) : -len(_ENDS)])
            except (RetrievalError, DatabaseError, Refused, UnicodeError):
                response = None
            if response is not None:
                return response
        return self._get_response(request)


def question_of(user: str, query: str) -> ready.Question | None:
    """The question, where it is plain. Raises Refused for an id that is none."""
    said = _said(query)
    return None if said is None else ready.Question(read_external_id(user), *said)


def _answer(request: HttpRequest, user: str) -> HttpResponse | None:
    began = time.perf_counter()
    question = question_of(user, request.META.get("QUERY_STRING", ""))
    client = verified_keys().client(key_of(request.META))
    if question is None or client is None or not _OPENING & client.scopes:
        return None
    count = Count.of(client, Scope.READ)
    found = ready.find(question, *count.commands)
    if count.within(found.others):
        count.mark(request)
    if found.early:
        request.META[EARLY] = True
    if found.ready is None or not count.within(found.others):
        return None
    return _response(request, found.ready, began)


def _response(request: HttpRequest, answer: ready.Ready, began: float) -> HttpResponse:
    request_id = request_id_of(request)
    age_s = answer.stamp.age_s()
    used = {
        "level": answer.level,
        "age_s": round(age_s, 1),
        "stale": False,
        "unfiltered": False,
        "ready": True,
    }
    head = orjson.dumps({"request_id": request_id, "cache": used})
    content = b"".join([head[:-1], b",", answer.tail])
    passed_s = time.perf_counter() - began
    passed = f"{passed_s * 1000:.2f}"
    metrics.REQUEST_MS.labels(answer.level).observe(passed_s * 1000)
    metrics.CACHE_AGE_S.labels(answer.level).observe(age_s)
    metrics.CANDIDATES.inc(answer.count)
    _SECONDS.observe(passed_s)
    _REQUESTS.inc()
    return HttpResponse(
        content,
        content_type="application/json",
        headers={
            "Content-Length": str(len(content)),
            "X-Request-Id": request_id,
            "Cache-Control": "no-store",
            "Server-Timing": f"ready;dur={passed}, total;dur={passed}",
        },
    )


# Clients ask with the same few query strings again and again.
@lru_cache(maxsize=4096)
def _said(query: str) -> tuple[int, str, str] | None:
    """(k, surface, fields), where that is all the query says; None for what isn't plain or isn't allowed."""
    try:
        values = query_values(QueryDict(query), CandidatesParameters)
    except (ValidationError, UnicodeError):
        return None
    if values["explain"] or not values.keys() <= _PLAIN:
        return None
    return values["k"], values["surface"], values["fields"]
