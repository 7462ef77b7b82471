"""Items without a user: like an item, or hot now."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.candidates.answers import short, source_places
from api.candidates.parameters import StrictSerializer
from api.candidates.requests import query_values
from api.discovery import documents
from api.discovery.parameters import SimilarParameters, TrendingParameters
from api.discovery.queries import internal_item_id
from api.external_ids import path_id
from api.metrics import DEGRADED
from api.models import Scope
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from retrieval import trending
from retrieval.audience import audience_of
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.facts import load_facts
from retrieval.similar import USUAL, similar_items
from retrieval.types import CacheUnavailable, Found

# It reads some thousand histories, and nobody's page waits for it.
_AUDIENCE_MS = 5_000


class SimilarItems(ApiView):
    required_scope = Scope.READ

    @documents.similar
    def get(self, request: Request, item_id: str, **_: str) -> HttpResponse:
        values = query_values(request.query_params, SimilarParameters)
        k, by = values["k"], values.get("by", USUAL)
        external_id = path_id("item_id", item_id)
        similar = similar_items(
            internal_item_id(external_id), k, now=timezone.now(), deadline=_deadline(), by=by
        )
        pool, facts = similar.pool, similar.facts
        rows = facts.rows_of(pool.item_ids).tolist()
        items = [
            {
                "item_id": facts.external_ids[row],
                "title": facts.titles[row],
                "score": score,
                "sources": places,
            }
            for row, score, places in zip(rows, short(pool.scores).tolist(), source_places(pool), strict=True)
        ]
        body = {"request_id": request_id_of(request), "item_id": external_id, "k": k}
        return json_response({**body, "count": len(items), "items": items})


class Audience(ApiView):
    required_scope = Scope.READ

    @documents.audience
    def get(self, request: Request, item_id: str, **_: str) -> HttpResponse:
        query_values(request.query_params, StrictSerializer)
        external_id = path_id("item_id", item_id)
        audience = audience_of(internal_item_id(external_id), deadline=Deadline.after_ms(_AUDIENCE_MS))
        body = {"request_id": request_id_of(request), "item_id": external_id}
        return json_response({**body, **asdict(audience)})


class Trending(ApiView):
    required_scope = Scope.READ

    @documents.trending
    def get(self, request: Request, **_: str) -> HttpResponse:
        values = query_values(request.query_params, TrendingParameters)
        k, category = values["k"], values.get("category")
        found, degraded = _trending(k, category)
        items = _active(found)
        body = {"request_id": request_id_of(request), "category": category, "k": k, "count": len(items)}
        if degraded:
            request.META[DEGRADED] = True
        return json_response({**body, "items": items, "degraded": degraded})


def _trending(k: int, category: str | None) -> tuple[Found, list[str]]:
    """What is hot, and what should have helped and didn't."""
    try:
        if category is None:
            return trending.top(k), []
        return trending.top_of_categories([category], k)[0], []
    except CacheUnavailable:
        return (trending.floor(k) if category is None else Found.empty()), ["cache"]


def _active(found: Found) -> list[dict[str, Any]]:
    facts = load_facts(found.item_ids, _deadline())
    rows = facts.rows_of(found.item_ids)
    scores = short(found.scores).tolist()
    return [
        {"item_id": facts.external_ids[row], "title": facts.titles[row], "score": scores[place]}
        for place, row in enumerate(rows.tolist())
        if row >= 0 and facts.active[row]
    ]


def _deadline() -> Deadline:
    return Deadline.after_ms(config().deadline_ms)
