"""A row that is an impression."""

from typing import Any

from api.external_ids import read_external_id
from api.writing import readers
from api.writing.schemas import described, id_schema, text_schema
from api.writing.shapes import Column, Shape
from coldstart.impressions import Impression

STATUSES = ("accepted", "duplicate")


def _impression(request_id: str, user: str, item: str, position: int, **more: Any) -> Impression:
    return Impression(request_id, user, item, position, **more)


IMPRESSION = Shape(
    name="ImpressionRow",
    plural="impressions",
    make=_impression,
    columns=(
        Column(
            "request_id",
            "request_id",
            readers.text,
            {
                **text_schema("Of the answer that the item was in. An item counts once per request.", 64),
                "minLength": 1,
            },
            required=True,
        ),
        Column("user_id", "user", read_external_id, id_schema("Who."), required=True, synonyms=("user",)),
        Column("item_id", "item", read_external_id, id_schema("What."), required=True, synonyms=("item",)),
        Column(
            "position",
            "position",
            readers.whole_number,
            described("integer", "Where it stood, from 1.", minimum=1, maximum=100_000),
            required=True,
        ),
        Column(
            "source",
            "source",
            readers.text,
            text_schema("The `reason.source` of the candidate; what explores is counted by it.", 40),
        ),
        Column("surface", "surface", readers.text, text_schema("Of the question; metrics tell by it.", 40)),
        Column(
            "propensity",
            "propensity",
            readers.number,
            described("number", "As the candidate has it, where it has one.", exclusiveMinimum=0, maximum=1),
        ),
        Column(
            "shown_at",
            "shown_at",
            readers.moment,
            described("string", "When; now where absent. UTC where no zone is given.", format="date-time"),
        ),
    ),
)
