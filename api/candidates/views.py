"""Candidates for a user, from all sources or one, and why an item is among them or not."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from api.authentication import client_of
from api.candidates import documents
from api.candidates.answers import answer_body, half_written, ready_tail, server_timing
from api.candidates.parameters import (
    CandidatesBody,
    CandidatesParameters,
    SessionBody,
    SourceParameters,
    WhyParameters,
)
from api.candidates.requests import body_values, query_values, retrieval_request
from api.candidates.shortcut import EARLY
from api.external_ids import path_id
from api.metrics import DEGRADED
from api.models import Scope
from api.problems import NothingToServe
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from retrieval import ready
from retrieval.by_heart import AWAY
from retrieval.explain import why
from retrieval.exposures import log_exposures
from retrieval.impressions import log_impressions
from retrieval.service import retrieve
from retrieval.shares import log_draw
from retrieval.tally import count_answer


class UserCandidates(ApiView):
    required_scope = Scope.READ

    @documents.user_candidates
    def get(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        values = query_values(request.query_params, CandidatesParameters)
        return candidates(request, path_id("user_id", user_id), values, filters=values)


class Candidates(ApiView):
    required_scope = Scope.READ

    @documents.candidates
    def post(self, request: Request, **_: str) -> HttpResponse:
        values = body_values(request.data, CandidatesBody)
        user = values.get("user_id") or values["user"]
        return candidates(request, user, values, filters=values.get("filters", {}))


class SessionCandidates(ApiView):
    required_scope = Scope.READ

    @documents.session_candidates
    def post(self, request: Request, **_: str) -> HttpResponse:
        values = body_values(request.data, SessionBody)
        return candidates(request, values.get("user_id", ""), values, filters=values.get("filters", {}))


class SourceCandidates(ApiView):
    required_scope = Scope.READ

    @documents.source_candidates
    def get(self, request: Request, user_id: str, source: str, **_: str) -> HttpResponse:
        values = query_values(request.query_params, SourceParameters)
        values["sources"] = [source]
        return candidates(request, path_id("user_id", user_id), values, filters=values)


class Why(ApiView):
    required_scope = Scope.READ

    @documents.why
    def get(self, request: Request, user_id: str, item_id: str, **_: str) -> HttpResponse:
        values = query_values(request.query_params, WhyParameters)
        asked = retrieval_request(
            path_id("user_id", user_id),
            values,
            values,
            now=timezone.now(),
            request_id=request_id_of(request),
        )
        found = why(asked, path_id("item_id", item_id))
        body = asdict(found)
        return json_response(
            {
                "request_id": asked.request_id,
                "user_id": asked.user,
                "item_id": body.pop("item"),
                "k": asked.k,
                **body,
            }
        )


def candidates(
    request: Request, user: str, values: Mapping[str, Any], *, filters: Mapping[str, Any]
) -> HttpResponse:
    """Raises NothingToServe where trouble has left no candidate at all."""
    if values["log_impressions"] and not {Scope.EVENTS, Scope.ADMIN} & client_of(request).scopes:
        raise PermissionDenied("log_impressions needs the scope events.")
    asked = retrieval_request(user, values, filters, now=timezone.now(), request_id=request_id_of(request))
    answer = retrieve(replace(asked, refresh=EARLY in request.META))
    if not len(answer.pool) and answer.degraded and not answer.dropped:
        raise NothingToServe
    count_answer(answer, asked)
    if answer.degraded:
        request.META[DEGRADED] = True
    log_exposures(answer, asked.now)
    log_draw(answer.draw, user_id=answer.user_id, request_id=answer.request_id, at=asked.now)
    if values["log_impressions"] and AWAY not in answer.degraded:
        log_impressions(answer, asked.now, surface=asked.surface)
    body = half_written(answer_body(answer, fields=values["fields"], explain=values["explain"]))
    if answer.stamp is not None and not values["explain"] and ready.enabled():
        question = ready.Question(user, asked.k, asked.surface, values["fields"])
        ready.keep(question, answer, answer.stamp, ready_tail(body))
    response = json_response(body)
    response["Server-Timing"] = server_timing(answer.timings_ms)
    return response
