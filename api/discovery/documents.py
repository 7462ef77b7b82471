"""Answers without a user, as OpenAPI shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from api.candidates.documents import SourcePlace
from api.discovery.parameters import SimilarParameters, TrendingParameters
from api.openapi import ITEM_ID

_Document = serializers.Serializer[Any]


class ScoredItem(_Document):
    item_id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(help_text="Larger is better; compare within one answer only.")


class SimilarItem(ScoredItem):
    sources = SourcePlace(many=True, help_text="`vector`: the live model; `content`: what they share.")


class SimilarAnswer(_Document):
    request_id = serializers.CharField()
    item_id = serializers.CharField()
    k = serializers.IntegerField()
    count = serializers.IntegerField()
    items = SimilarItem(many=True)


class TrendingAnswer(_Document):
    request_id = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    k = serializers.IntegerField()
    count = serializers.IntegerField()
    items = ScoredItem(many=True)
    degraded = serializers.ListField(
        child=serializers.CharField(), help_text="`cache`: a copy of the process, perhaps some seconds old."
    )


similar = extend_schema(
    operation_id="similar_items",
    tags=["items"],
    summary="Items like an item",
    parameters=[ITEM_ID, SimilarParameters],
    responses={200: SimilarAnswer},
)
trending = extend_schema(
    operation_id="trending",
    tags=["items"],
    summary="What is hot now",
    parameters=[TrendingParameters],
    responses={200: TrendingAnswer},
)
