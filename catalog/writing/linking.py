"""A batch of follows or blocks from check to commit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from django.db import transaction

from catalog.events.histories import move_versions
from catalog.external_ids import find_or_make_users, find_users
from catalog.sql import Cursor, cursor
from catalog.writing.fields import RowResult, Status
from catalog.writing.links import Find, LinkKind, Target

Kinds = Mapping[str, LinkKind]  # by the field that names the target
Refusals = Sequence[RowResult | None]
_Link = tuple[str, int, Target]  # field, user, target


class Linked(Protocol):
    @property
    def user(self) -> str: ...
    @property
    def target(self) -> tuple[str, str]:
        """The field that is given, and the external id in it."""


Row = TypeVar("Row", bound=Linked)


def put_links(
    rows: Sequence[Row], refused: Refusals, kinds: Kinds, now: datetime, *, create_missing: bool = False
) -> list[RowResult]:
    """One result for each row, in order; the history version of everyone concerned moves."""
    with transaction.atomic(), cursor() as raw:
        names = _user_names(rows, refused)
        users = find_or_make_users(raw, names, now) if create_missing else find_users(raw, names)
        finders = {field: kind.find_or_make for field, kind in kinds.items()}
        links = _resolve(raw, rows, refused, users, finders)
        new = {
            (field, *pair)
            for field, kind in kinds.items()
            for pair in kind.insert(raw, _pairs(links, field), now)
        }
        move_versions(raw, _concerned(new, kinds))
    return [
        refusal or _put_result(row, link, users, new)
        for row, refusal, link in zip(rows, refused, links, strict=True)
    ]


def delete_links(rows: Sequence[Row], refused: Refusals, kinds: Kinds) -> list[RowResult]:
    """One result for each row, in order; the history version of everyone concerned moves."""
    with transaction.atomic(), cursor() as raw:
        users = find_users(raw, _user_names(rows, refused))
        finders = {field: kind.find for field, kind in kinds.items()}
        links = _resolve(raw, rows, refused, users, finders)
        gone = {
            (field, *pair) for field, kind in kinds.items() for pair in kind.delete(raw, _pairs(links, field))
        }
        move_versions(raw, _concerned(gone, kinds))
    return [
        refusal
        or RowResult("deleted" if link in gone else "missing", row.user, internal_id=users.get(row.user, 0))
        for row, refusal, link in zip(rows, refused, links, strict=True)
    ]


def _user_names(rows: Sequence[Row], refused: Refusals) -> set[str]:
    good = [row for row, refusal in zip(rows, refused, strict=True) if refusal is None]
    followees = {row.target[1] for row in good if row.target[0] == "followee"}
    return followees | {row.user for row in good}


def _resolve(
    raw: Cursor, rows: Sequence[Row], refused: Refusals, users: Mapping[str, int], finders: Mapping[str, Find]
) -> list[_Link | None]:
    """In internal ids; None for a row that was refused or names somebody or something unknown."""
    good = [
        row if refusal is None and row.user in users else None
        for row, refusal in zip(rows, refused, strict=True)
    ]
    targets = {
        field: find(raw, {row.target[1] for row in good if row and row.target[0] == field})
        for field, find in finders.items()
    }
    return [_link(row, users, targets) if row else None for row in good]


def _link(row: Row, users: Mapping[str, int], targets: Mapping[str, Mapping[str, Target]]) -> _Link | None:
    field, name = row.target
    target = targets[field].get(name)
    return None if target is None else (field, users[row.user], target)


def _pairs(links: Iterable[_Link | None], field: str) -> set[tuple[int, Target]]:
    return {link[1:] for link in links if link and link[0] == field}


def _concerned(links: Iterable[_Link], kinds: Kinds) -> set[int]:
    """Whose recommendations change."""
    everyone = set()
    for field, user, target in links:
        everyone.add(user)
        if kinds[field].concerns_target and isinstance(target, int):
            everyone.add(target)
    return everyone


def _put_result(row: Row, link: _Link | None, users: Mapping[str, int], new: set[_Link]) -> RowResult:
    if link is None:
        field = row.target[0] if row.user in users else "user"
        noun = "user" if field in ("user", "followee") else field
        return RowResult("rejected", row.user, field, f"Unknown {noun}.")
    status: Status = "created" if link in new else "unchanged"
    return RowResult(status, row.user, internal_id=link[1])
