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
    sources = SourcePlace(
        many=True,
        help_text="`vector`: the live model; `content`: what they share; "
        "`co_watch`: what people turned to next.",
    )


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


class EstimateDocument(_Document):
    count = serializers.IntegerField()
    low = serializers.IntegerField(
        help_text="Of an interval of 95 %; the same where everybody was looked at."
    )
    high = serializers.IntegerField()


class AudienceAnswer(_Document):
    request_id = serializers.CharField()
    item_id = serializers.CharField()
    population = serializers.IntegerField(help_text="Users with a history.")
    sampled = serializers.IntegerField(help_text="Users of whom the history was read.")
    followers = serializers.IntegerField(help_text="Of the creator, counted.")
    interested = EstimateDocument(
        help_text="Users who like its tags at least a quarter more often than others do."
    )
    reach = EstimateDocument(help_text="Followers, and interested users who do not follow.")
    exploring_share = serializers.FloatField(help_text="Of all users, whom the item is tried on now; 0 to 1.")
    state = serializers.ChoiceField(
        choices=["", "new", "exploring", "graduated", "retired"],
        help_text="Of its trial; empty where it has none.",
    )
    examples = serializers.ListField(
        child=serializers.CharField(), help_text="Some of the interested users, the keenest first."
    )


audience = extend_schema(
    operation_id="item_audience",
    tags=["items"],
    summary="Who would see an item",
    description="Estimated from a sample of the users with a history, where these are many.",
    parameters=[ITEM_ID],
    responses={200: AudienceAnswer},
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
