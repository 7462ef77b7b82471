"""A bulk body is one object, a list, or an object with a list under the plural's name."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rest_framework.serializers import ValidationError

from api.config import config
from api.problems import FieldError
from api.writing.shapes import Shape

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """What was read, in order: rows, and what is wrong with those that are none."""

    read: list[Row | FieldError]
    single: bool  # the body was one row, not a list

    @property
    def good(self) -> list[Row]:
        return [row for row in self.read if not isinstance(row, FieldError)]


def read_rows(body: object, shape: Shape[Row]) -> Rows[Row]:
    """Raises ValidationError where the body as a whole cannot be read."""
    raws = body
    if isinstance(body, dict) and shape.plural in body:
        if unknown := [name for name in body if name != shape.plural]:
            raise ValidationError(
                {unknown[0][:100]: [f"Only {shape.plural} may stand here."]}, code="unknown"
            )
        raws = body[shape.plural]
        if not isinstance(raws, list):
            raise ValidationError({shape.plural: ["This must be a list."]}, code="invalid")
    if isinstance(raws, dict):
        return Rows([shape.read(raws)], single=True)
    if not isinstance(raws, list):
        raise ValidationError("The body must be an object or a list of them.", code="invalid")
    if len(raws) > config().max_rows:
        detail = f"At most {config().max_rows} rows; these are {len(raws)}."
        raise ValidationError({shape.plural: [detail]}, code="max_length")
    return Rows([shape.read(raw) for raw in raws], single=False)


def rows_schema(shape: Shape[Any]) -> dict[str, Any]:
    """The body in JSON Schema."""
    row = {"$ref": f"#/components/schemas/{shape.name}"}
    many = {"type": "array", "items": row, "maxItems": config().max_rows}
    wrapped = {
        "type": "object",
        "properties": {shape.plural: many},
        "required": [shape.plural],
        "additionalProperties": False,
    }
    return {"oneOf": [row, many, wrapped]}
