"""The answers about candidates, as OpenAPI shows them. Nothing is serialized with these."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from api.candidates.parameters import (
    CandidatesBody,
    CandidatesParameters,
    SessionBody,
    SourceParameters,
    WhyParameters,
)
from api.openapi import ITEM_ID, USER_ID

_Document = serializers.Serializer[Any]


class SourcePlace(_Document):
    name = serializers.CharField()
    rank = serializers.IntegerField(min_value=1, help_text="Place in the source's own list.")
    score = serializers.FloatField(help_text="The source's own; compare within one source only.")


class ReasonSeed(_Document):
    item_id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)


class Reason(_Document):
    # The metaclass takes `source` away before it can shadow the attribute.
    source = serializers.CharField(help_text="The source that ranked the item best.")  # type: ignore[assignment]
    text = serializers.CharField(help_text="For people.")
    seed = ReasonSeed(allow_null=True, help_text="The item that led to this one.")
    interest = serializers.CharField(
        allow_null=True, help_text="The name of the interest that the user chose, where that is the reason."
    )


class ColdStartNote(_Document):
    served_by = serializers.ChoiceField(
        choices=["survey", "demographics", "trending", "random"],
        help_text="The first of these that had anything for this user.",
    )
    maturity = serializers.FloatField(
        help_text="The share of the places that the normal mix filled; the rest is the newcomers' mix."
    )
    events = serializers.IntegerField(help_text="How many events the user has.")
    interests = serializers.IntegerField(help_text="How many interests the user chose.")


class DrawnShares(_Document):
    arm = serializers.CharField(help_text="Of the mix's bandit.")
    segment = serializers.CharField(allow_blank=True, help_text="Of requests, among which it is learned.")
    propensity = serializers.FloatField(help_text="Of the arm: nothing to send back.")


class Candidate(_Document):
    item_id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(help_text="The merge's; larger is better.")
    sources = SourcePlace(many=True)
    reason = Reason()
    propensity = serializers.FloatField(
        required=False,
        help_text="Probability of this candidate at this place, where chance had a say: send it with the impression.",
    )


class SourceReport(_Document):
    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["ok", "empty", "skipped", "timeout", "error", "busy"])
    asked = serializers.IntegerField(min_value=0)
    found = serializers.IntegerField(min_value=0)
    ms = serializers.FloatField(help_text="Milliseconds.")
    started_ms = serializers.FloatField(help_text="Milliseconds after the request began.")
    detail = serializers.CharField(allow_blank=True)


class CacheUse(_Document):
    level = serializers.ChoiceField(
        choices=["none", "L1", "L3"],
        help_text="`none`: the sources ran. `L1`: an earlier request's candidates. `L3`: candidates computed ahead. "
        "Filters always see the facts of the moment.",
    )
    age_s = serializers.FloatField(
        min_value=0, help_text="Seconds since the sources ran; 0 where they ran now."
    )
    stale = serializers.BooleanField(
        help_text="The candidates had expired or are of an earlier history, while another request makes them anew. "
        "What the user has engaged with since is left out all the same."
    )
    unfiltered = serializers.BooleanField(
        help_text="This request's own filters and exclusions were applied to the list kept for all requests."
    )
    ready = serializers.BooleanField(
        help_text="The whole answer was kept as bytes, and nothing has changed since."
    )


class Versions(_Document):
    mix = serializers.IntegerField(help_text="Revision of the mix.")
    model = serializers.IntegerField(help_text="0 where no model is live.")
    history = serializers.IntegerField(help_text="Moves with each of the user's events.")


class Explanation(_Document):
    dropped = serializers.DictField(child=serializers.IntegerField(), help_text="By filter.")
    timings_ms = serializers.DictField(child=serializers.FloatField(), help_text="By stage.")


class CandidatesAnswer(_Document):
    request_id = serializers.CharField(help_text="Send it with the events that this answer leads to.")
    user_id = serializers.CharField()
    known_user = serializers.BooleanField()
    k = serializers.IntegerField(help_text="How many were asked for.")
    count = serializers.IntegerField(help_text="How many there are.")
    shortfall = serializers.CharField(allow_null=True, help_text="Why there are fewer, where there are.")
    candidates = Candidate(many=True, required=False, help_text="Best first. Absent with `fields=ids`.")
    item_ids = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Best first. Only with `fields=ids`."
    )
    degraded = serializers.ListField(
        child=serializers.CharField(), help_text="What should have helped and did not."
    )
    sources = SourceReport(many=True, help_text="Empty where the answer came from the cache.")
    cache = CacheUse()
    versions = Versions()
    arms = serializers.DictField(child=serializers.CharField(), help_text="Experiment: variant.")
    shares = DrawnShares(allow_null=True, help_text="Drawn for this user; null: as written.")
    diversity = serializers.DictField(child=serializers.FloatField())
    cold_start = ColdStartNote(
        allow_null=True, help_text="How a user of whom little is known was served; null for everybody else."
    )
    explain = Explanation(required=False, help_text="Only with `explain`.")


class FoundBy(_Document):
    source = serializers.CharField()  # type: ignore[assignment]
    rank = serializers.IntegerField(min_value=1)
    score = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)


class WhyAnswer(_Document):
    request_id = serializers.CharField()
    user_id = serializers.CharField()
    item_id = serializers.CharField()
    k = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    found_by = FoundBy(many=True)
    merged_rank = serializers.IntegerField(help_text="From 1 in the merged list; 0: not there.")
    final_rank = serializers.IntegerField(help_text="From 1 in the answer; 0: not there.")
    removed_by = serializers.CharField(allow_blank=True, help_text="The filter, empty for none.")
    verdict = serializers.CharField(help_text="For people.")


EXAMPLE = OpenApiExample(
    "Two candidates",
    response_only=True,
    value={
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "user_id": "196",
        "known_user": True,
        "k": 2,
        "count": 2,
        "shortfall": None,
        "candidates": [
            {
                "item_id": "475",
                "title": "Trainspotting (1996)",
                "score": 0.0325,
                "sources": [
                    {"name": "content", "rank": 1, "score": 3.41},
                    {"name": "trending", "rank": 4, "score": 0.82},
                ],
                "reason": {
                    "source": "content",
                    "text": "because you liked Fargo (1996)",
                    "seed": {"item_id": "100", "title": "Fargo (1996)"},
                    "interest": None,
                },
            },
            {
                "item_id": "318",
                "title": "Schindler's List (1993)",
                "score": 0.0161,
                "sources": [{"name": "trending", "rank": 2, "score": 0.97}],
                "reason": {
                    "source": "trending",
                    "text": "popular right now",
                    "seed": None,
                    "interest": None,
                },
            },
        ],
        "degraded": [],
        "sources": [
            {
                "name": "content",
                "outcome": "ok",
                "asked": 300,
                "found": 300,
                "ms": 4.1,
                "started_ms": 1.2,
                "detail": "",
            }
        ],
        "cache": {"level": "none", "age_s": 0.0, "stale": False, "unfiltered": False, "ready": False},
        "versions": {"mix": 1, "model": 3, "history": 39},
        "arms": {},
        "shares": None,
        "diversity": {"intra_list_diversity": 0.81, "categories": 2.0, "creators": 2.0},
        "cold_start": None,
    },
)
_ANSWER = {
    200: OpenApiResponse(
        CandidatesAnswer,
        description="Candidates, best first. `Server-Timing` has the milliseconds of every stage.",
        examples=[EXAMPLE],
    )
}
_SOURCE = OpenApiParameter(
    "source",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="A source's name: collaborative, content, trending, social, …",
)

user_candidates = extend_schema(
    operation_id="user_candidates",
    tags=["candidates"],
    summary="Candidates for a user",
    description="Lists repeat the parameter or separate with commas; what contains a comma goes into POST's body.",
    parameters=[USER_ID, CandidatesParameters],
    responses=_ANSWER,
)
candidates = extend_schema(
    operation_id="candidates",
    tags=["candidates"],
    summary="Candidates for a user, asked with a body",
    description="For ids of any kind, long exclusions and the context of the moment.",
    request=CandidatesBody,
    responses=_ANSWER,
    examples=[
        OpenApiExample(
            "Comedies on a phone",
            request_only=True,
            value={
                "user_id": 196,
                "k": 200,
                "filters": {"category": ["Comedy"], "published_since": "1990-01-01T00:00:00Z"},
                "exclude": [242, "302"],
                "context": {"device": "phone", "hour": "21"},
            },
        )
    ],
)
session_candidates = extend_schema(
    operation_id="session_candidates",
    tags=["candidates"],
    summary="Candidates for a session, of a known person or of nobody known",
    description="The events are read as the person's newest ones and stored nowhere; what is in the session is not "
    "among the candidates. Send them to `/events` as well where they should be remembered.",
    request=SessionBody,
    responses=_ANSWER,
    examples=[
        OpenApiExample(
            "Three films, one after the other",
            request_only=True,
            value={
                "events": [
                    {"item_id": 50},
                    {"item_id": 172, "type": "click"},
                    {"item_id": 181, "type": "like"},
                ],
                "k": 20,
            },
        )
    ],
)
source_candidates = extend_schema(
    operation_id="source_candidates",
    tags=["candidates"],
    summary="Candidates of one source alone",
    parameters=[USER_ID, _SOURCE, SourceParameters],
    responses=_ANSWER,
)
why = extend_schema(
    operation_id="why",
    tags=["candidates"],
    summary="Why an item is among a user's candidates, or is not",
    description="Runs the request anew and follows the one item: who finds it, where it falls, what removes it.",
    parameters=[USER_ID, ITEM_ID, WhyParameters],
    responses={200: WhyAnswer},
)
