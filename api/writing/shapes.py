"""Bulk rows: one table per kind of row says what is read, refused and described in OpenAPI.

Ten thousand rows pass here per request; REST framework's serializers take ten times as long.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from api.external_ids import Refused
from api.openapi_precise import at_most_one, exactly_one
from api.problems import FieldError
from api.writing.readers import Reader

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a row; `target` is the parameter of the row's constructor, `synonyms` are further names."""

    name: str
    target: str
    read: Reader
    schema: Mapping[str, Any]
    required: bool = False
    synonyms: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.synonyms)

    def json_schema(self) -> dict[str, Any]:
        needed = self.required and not self.synonyms
        types = [kind for kind in self.schema["type"] if kind != "null" or not needed]
        return {**self.schema, "type": types[0] if len(types) == 1 else types}


@dataclass(frozen=True)
class Shape(Generic[Row]):
    """How rows of one kind look in JSON: `name` in OpenAPI, `plural` as the key of a body that is an object
    with a list."""

    name: str
    plural: str
    make: Callable[..., Row]
    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()  # targets of which a row has exactly one; whoever writes it checks that
    by_name: dict[str, Column] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for column in self.columns:
            self.by_name.update(dict.fromkeys(column.names, column))

    def read(self, raw: object) -> Row | FieldError:
        """The row, or the first thing that is wrong with it. null means absent."""
        if not isinstance(raw, dict):
            return FieldError("", "invalid", "A row must be an object.")
        values: dict[str, Any] = {}
        for name, value in raw.items():
            column = self.by_name.get(name)
            if column is None:
                known = ", ".join(column.name for column in self.columns)
                return FieldError(name[:100], "unknown", f"There is no such field; there are: {known}.")
            if value is None:
                continue
            if column.target in values:
                return FieldError(name, "repeated", f"This and {column.name} are the same: give one.")
            try:
                values[column.target] = column.read(value)
            except Refused as refused:
                return FieldError(name, refused.code, refused.detail)
        for column in self.columns:
            if column.required and column.target not in values:
                return FieldError(column.name, "required", "This field is required.")
        return self.make(**values)

    def _names(self, target: str) -> tuple[str, ...]:
        return next(column.names for column in self.columns if column.target == target)

    def name_of(self, target: str) -> str:
        """The JSON name of a constructor's parameter; itself where it has none."""
        return next((column.name for column in self.columns if column.target == target), target)

    def json_schema(self) -> dict[str, Any]:
        """One row, in JSON Schema."""
        properties = {column.name: column.json_schema() for column in self.columns}
        for column in self.columns:
            note = {"description": f"The same as `{column.name}`; give one of them."}
            properties |= {name: {**column.json_schema(), **note} for name in column.synonyms}
        required = [column for column in self.columns if column.required]
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "required": [column.name for column in required if not column.synonyms],
            "allOf": [
                exactly_one(column.names) if column.required else at_most_one(column.names)
                for column in self.columns
                if column.synonyms
            ]
            + [exactly_one([name for target in self.one_of for name in self._names(target)])]
            * bool(self.one_of),
        }
