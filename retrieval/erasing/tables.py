"""The tables that say something of a user: every model that refers to one, so that a new one can't be forgotten."""

from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from catalog.models import User


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """columns: the names of the fields that hold the user's id; more than one where people refer to each other."""

    model: type[Model]
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.model._meta.db_table)

    def rows_of(self, user_id: int) -> QuerySet[Any]:
        return self.model._default_manager.filter(
            reduce(or_, (Q(**{name: user_id}) for name in self.columns))
        )


@cache
def tables_of_people() -> tuple[PeopleTable, ...]:
    """By name; the people themselves are among them."""
    found = [PeopleTable(User, ("id",))]
    found += [PeopleTable(model, columns) for model in apps.get_models() if (columns := _columns(model))]
    return tuple(sorted(found, key=lambda table: table.name))


def _columns(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields if field.is_relation and field.related_model is User)
