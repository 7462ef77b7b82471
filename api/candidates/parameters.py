"""What a client may say when asking for candidates, in the query string or in a body."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ValidationError

from api.external_ids import ExternalIdField
from retrieval.mixes import SESSIONS

DEFAULT_K = 1000
MAX_K = 5000
MAX_EXCLUDED = 10_000
MAX_VALUES = 100
MAX_EVENTS = 200


class Text(serializers.CharField):
    """Text alone: a number in JSON is none."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names it doesn't know: a misspelled `k` would silently mean 1000.

    Call `run_validation` on one shared instance: making a serializer costs fifteen times what using it does.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            detail = f"There is no such parameter; there are: {', '.join(self.fields)}."
            raise ValidationError({str(name)[:100]: [detail] for name in unknown[:10]}, code="unknown")
        return super().to_internal_value(data)


class Texts(serializers.ListField):
    """A list of short texts; one text alone is a list of one."""

    child: serializers.Field[Any, Any, Any, Any] = Text(max_length=255, trim_whitespace=False)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_VALUES, "required": False, **options})

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value([data] if isinstance(data, (str, int)) else data)


class ExternalIds(Texts):
    child = ExternalIdField()


class FilterParameters(StrictSerializer):
    category = Texts(help_text="Only items of one of these categories.")
    tag = Texts(help_text="Only items with one of these tags.")
    language = Texts(help_text="Only items in one of these languages.")
    creator = ExternalIds(help_text="Only items of one of these creators, by external id.")
    published_since = serializers.DateTimeField(
        required=False, help_text="Only items published then or later. ISO 8601; UTC where no zone is given."
    )


class QuestionParameters(StrictSerializer):
    k = serializers.IntegerField(
        default=DEFAULT_K, min_value=1, max_value=MAX_K, help_text="How many candidates to return at most."
    )
    surface = serializers.SlugField(
        default="default",
        max_length=40,
        help_text="Where the candidates will be shown; a surface may have a mix of its own.",
    )
    exclude = ExternalIds(max_length=MAX_EXCLUDED, help_text="Items that must not be among the candidates.")


class AnswerParameters(QuestionParameters):
    deadline_ms = serializers.IntegerField(
        required=False,
        min_value=5,
        max_value=10_000,
        help_text="Milliseconds after which the answer is made of what the sources have found by then.",
    )
    # The metaclass takes it away before it can shadow the property.
    fields = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["full", "ids"], default="full", help_text="`ids` answers with bare item ids."
    )
    explain = serializers.BooleanField(
        default=False, help_text="Adds what each filter dropped and how long each stage took."
    )
    log_impressions = serializers.BooleanField(
        default=False,
        help_text="Every candidate counts as shown, at its place, now: for a client that shows all of them. "
        "Needs the scope `events` as well.",
    )


class SourceParameters(FilterParameters, AnswerParameters):
    """Of one source alone."""


class CandidatesParameters(FilterParameters, AnswerParameters):
    sources = Texts(help_text="Only these sources; all of the mix where absent.")


class WhyParameters(FilterParameters, QuestionParameters):
    sources = Texts(help_text="Only these sources; all of the mix where absent.")


class CandidatesBody(AnswerParameters):
    user_id = ExternalIdField(required=False, help_text="Whom to find candidates for.")
    user = ExternalIdField(required=False, help_text="The same as `user_id`; give one of the two.")
    sources = Texts(help_text="Only these sources; all of the mix where absent.")
    filters = FilterParameters(required=False)
    context = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        help_text='What is known of this moment: {"device": "phone", "hour": "21"}. At most 50 entries.',
    )

    def validate_context(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > 50:
            raise ValidationError("At most 50 entries.", code="max_length")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user_id" in attrs) == ("user" in attrs):
            raise ValidationError({"user_id": ["Give the user's id, once."]}, code="required")
        return attrs


class SessionEventParameters(StrictSerializer):
    item_id = ExternalIdField(
        help_text="What it was about. Items that the catalogue does not know are left out."
    )
    type = Text(default="view", max_length=40, help_text="A type of event that the catalogue knows.")
    occurred_at = serializers.DateTimeField(
        required=False, help_text="When; where absent, a second before the event that follows it."
    )


class SessionBody(AnswerParameters):
    surface = serializers.SlugField(
        default=SESSIONS,
        max_length=40,
        help_text="Where the candidates will be shown; `sessions` has a mix of its own.",
    )
    events = serializers.ListField(
        child=SessionEventParameters(),
        min_length=1,
        max_length=MAX_EVENTS,
        help_text="What happened in the session, oldest first.",
    )
    user_id = ExternalIdField(required=False, help_text="Whose session it is; absent where nobody knows.")
    sources = Texts(help_text="Only these sources; all of the mix where absent.")
    filters = FilterParameters(required=False)
