"""Making what is cached anew, on purpose."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from api.candidates.parameters import ExternalIds, StrictSerializer, Texts
from api.candidates.requests import body_values
from api.models import Scope
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from retrieval.invalidation import invalidate

_KINDS = ("user_id", "item_id", "creator_id", "tag")


class InvalidationBody(StrictSerializer):
    user_id = ExternalIds(help_text="Everything kept for these users.")
    item_id = ExternalIds(help_text="Candidates of all users that include one of these items.")
    creator_id = ExternalIds(help_text="The same for all items of these creators.")
    tag = Texts(help_text="The same for all items with one of these tags.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(kind) for kind in _KINDS):
            raise ValidationError(
                {"user_id": [f"Name at least one of {', '.join(_KINDS)}."]}, code="required"
            )
        return attrs


class InvalidationAnswer(serializers.Serializer[Any]):
    request_id = serializers.CharField()
    users = serializers.IntegerField(min_value=0, help_text="How many of the users there are.")
    items = serializers.IntegerField(min_value=0, help_text="How many items are meant.")
    all_candidates = serializers.BooleanField(
        help_text="More than 10,000 items are meant, so that all users' candidates are made anew."
    )


class CacheInvalidation(ApiView):
    required_scope = Scope.ADMIN

    @extend_schema(
        operation_id="invalidate_cache",
        tags=["cache"],
        summary="Make what is cached anew",
        description="From the next request on, in every process. Events, blocks, and changes of items need none of "
        "this: they show in the next answer anyway. One id or text, or a list of at most 100. What is unknown "
        "concerns nobody.",
        request=InvalidationBody,
        responses={200: InvalidationAnswer},
        examples=[OpenApiExample("A creator", request_only=True, value={"creator_id": ["42"]})],
    )
    def post(self, request: Request, **_: str) -> HttpResponse:
        values = body_values(request.data, InvalidationBody)
        done = invalidate(
            users=values.get("user_id", ()),
            items=values.get("item_id", ()),
            creators=values.get("creator_id", ()),
            tags=values.get("tag", ()),
        )
        body = {"users": done.users, "items": done.items, "all_candidates": done.all_lists}
        return json_response({"request_id": request_id_of(request), **body})
