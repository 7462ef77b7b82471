from rest_framework import serializers

from api.candidates.parameters import MAX_K, StrictSerializer
from retrieval.similar import WAYS

DEFAULT_K = 100


class CountParameters(StrictSerializer):
    k = serializers.IntegerField(
        default=DEFAULT_K, min_value=1, max_value=MAX_K, help_text="How many items to return at most."
    )


class SimilarParameters(CountParameters):
    by = serializers.ListField(
        child=serializers.ChoiceField(choices=list(WAYS)),
        required=False,
        min_length=1,
        help_text="In what: `vector` and `content` where absent; `co_watch`, what people turned to after it. Several "
        "are fused.",
    )


class TrendingParameters(CountParameters):
    category = serializers.CharField(
        required=False, max_length=100, trim_whitespace=False, help_text="Only items of this category."
    )
