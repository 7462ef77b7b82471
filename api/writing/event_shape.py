"""A row that is an event."""

from typing import Any

from rest_framework import serializers

from api.candidates.parameters import StrictSerializer
from api.external_ids import read_external_id
from api.writing import readers
from api.writing.schemas import described, id_schema, text_schema
from api.writing.shapes import Column, Shape
from catalog.events import Event

STATUSES = ("accepted", "duplicate")


def _event(user: str, item: str, type: str, event_id: str | None = None, **more: Any) -> Event:  # noqa: A002
    return Event(event_id=event_id, user=user, item=item, type=type, **more)


EVENT = Shape(
    name="EventRow",
    plural="events",
    make=_event,
    columns=(
        Column(
            "event_id",
            "event_id",
            read_external_id,
            id_schema(
                "Makes the event unmistakable: sent again, it is a duplicate and changes nothing.", 100
            ),
        ),
        Column("user_id", "user", read_external_id, id_schema("Who."), required=True, synonyms=("user",)),
        Column("item_id", "item", read_external_id, id_schema("What."), required=True, synonyms=("item",)),
        Column(
            "type",
            "type",
            readers.text,
            {
                **text_schema("view, click, like, share, purchase, dislike, hide or a type of your own.", 40),
                "minLength": 1,
            },
            required=True,
        ),
        Column("value", "value", readers.number, described("number", "A rating, a price, an amount.")),
        Column(
            "dwell_s", "dwell_s", readers.number, described("number", "Seconds spent with it.", minimum=0)
        ),
        Column(
            "occurred_at",
            "occurred_at",
            readers.moment,
            described("string", "When; now where absent. UTC where no zone is given.", format="date-time"),
        ),
        Column("surface", "surface", readers.text, text_schema("Where the user was.", 40)),
        Column(
            "request_id",
            "request_id",
            readers.text,
            text_schema("Of the answer that led to the event.", 64),
        ),
    ),
)


class EventParameters(StrictSerializer):
    create_missing = serializers.BooleanField(
        default=False,
        help_text="Makes users and items that are named for the first time. Needs the scope `catalog` as well.",
    )
