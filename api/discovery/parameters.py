from rest_framework import serializers

from api.candidates.parameters import MAX_K, StrictSerializer

DEFAULT_K = 100


class SimilarParameters(StrictSerializer):
    k = serializers.IntegerField(
        default=DEFAULT_K, min_value=1, max_value=MAX_K, help_text="How many items to return at most."
    )


class TrendingParameters(SimilarParameters):
    category = serializers.CharField(
        required=False, max_length=100, trim_whitespace=False, help_text="Only items of this category."
    )
