"""A data set into the product's catalog, through the product's own writers and on the data's own clock."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

import numpy as np
from django.db import connection

from benchmarks.datasets import DataSet, read_table
from catalog.events import Event, record_events
from catalog.models import EventType
from catalog.partitions import ensure_partitions_for
from catalog.writing import FollowFields, ItemFields, UserFields, put_follows, put_items, put_users

_AT_ONCE = 10_000
_LONGEST_TAG, _LONGEST_TITLE = 100, 500
# What the types say of liking, where the catalog has no type of that name.
WEIGHTS = {"checkin": 1.0, "listen": 1.0, "bookmark": 3.0, "comment": 4.0}
_AGE_GROUPS = ((18, "under 18"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (200, "55+"))
_PROFILE = frozenset({"user_id", "age", "zip", "region", "country"})
Row = TypeVar("Row")


class LoadFailed(Exception):
    """The catalog refused a row."""


class _Result(Protocol):
    @property
    def status(self) -> str: ...


def load(data: DataSet) -> None:
    """Items, users, follows and the events of train, all as of the cutoff. Raises LoadFailed."""
    now = data.cutoff
    for name in np.unique(data.train.types).tolist():
        EventType.objects.get_or_create(name=name, defaults={"weight": WEIGHTS.get(name, 1.0)})
    _put(lambda rows: put_items(rows, now), items_of(data))
    _put(lambda rows: put_users(rows, now), users_of(data))
    _put(lambda rows: put_follows(rows, now), _follows(data))
    days = np.unique(data.train.occurred_at_s // 86_400) * 86_400
    ensure_partitions_for(dt.datetime.fromtimestamp(day, dt.UTC) for day in days.tolist())
    _put(lambda rows: record_events(rows, now=now), _events(data))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does, minutes later


def _put(write: Callable[[Sequence[Row]], Sequence[_Result]], rows: Iterable[Row]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        refused = [result for result in write(batch) if result.status == "rejected"]
        if refused:
            raise LoadFailed(f"{len(refused)} rows were refused, the first as {refused[0]}.")


def items_of(data: DataSet) -> Iterator[ItemFields]:
    """What exists at the cutoff: items that had an event, or are described and not published later. One that first
    appears in test would tell of the future by being there. What has no date is as old as its first event in train.
    The first tag is the category where there is no better one."""
    known = {row["item_id"]: row for row in _rows(data, "items")}
    touched = _first_met(data)
    for item_id in sorted({*known, *touched}):
        row = known.get(item_id, {})
        published_at = moment_of(row.get("published_at"))
        if published_at and published_at >= data.cutoff and item_id not in touched:
            continue
        # The catalog refuses longer ones; such a tag belongs to one item only and helps nobody.
        tags = tuple(tag for tag in (row.get("tags") or "").split("|") if 0 < len(tag) <= _LONGEST_TAG)
        yield ItemFields(
            external_id=item_id,
            title=(row.get("title") or "")[:_LONGEST_TITLE],
            tags=tags,
            category=tags[0] if tags else "",
            published_at=published_at or touched.get(item_id),
        )


def _first_met(data: DataSet) -> dict[str, dt.datetime]:
    """Of each item with an event in train, when the first was."""
    order = np.argsort(data.train.occurred_at_s, kind="stable")
    items, first = np.unique(data.train.item_index[order], return_index=True)
    moments = data.train.occurred_at_s[order][first].tolist()
    names = data.item_ids[items].tolist()
    return {name: dt.datetime.fromtimestamp(at_s, dt.UTC) for name, at_s in zip(names, moments, strict=True)}


def users_of(data: DataSet) -> Iterator[UserFields]:
    known = {row["user_id"]: row for row in _rows(data, "users")}
    for user_id in data.user_ids.tolist():
        row = known.get(user_id, {})
        age = row.get("age")
        yield UserFields(
            external_id=user_id,
            age_group=next(name for limit, name in _AGE_GROUPS if age < limit) if age else "",
            location=" ".join(str(row[name]) for name in ("country", "region") if row.get(name)),
            attributes={name: value for name, value in row.items() if name not in _PROFILE},
        )


def _follows(data: DataSet) -> Iterator[FollowFields]:
    """Only between people of the data set."""
    known = set(data.user_ids.tolist())
    for row in _rows(data, "follows"):
        if row["user_id"] in known and row["friend_id"] in known:
            yield FollowFields(row["user_id"], followee=row["friend_id"])


def _events(data: DataSet) -> Iterator[Event]:
    """Those of train, by user and time: a user's batches come together."""
    train = data.train
    for row in np.lexsort((train.occurred_at_s, train.user_index)).tolist():
        yield Event(
            event_id=f"train-{row}",
            user=str(data.user_ids[train.user_index[row]]),
            item=str(data.item_ids[train.item_index[row]]),
            type=str(train.types[row]),
            value=None,
            dwell_s=None,
            occurred_at=dt.datetime.fromtimestamp(int(train.occurred_at_s[row]), dt.UTC),
        )


def _rows(data: DataSet, name: str) -> list[dict[str, Any]]:
    path = data.folder / f"{name}.csv.gz"
    return read_table(path).to_pylist() if path.exists() else []


def moment_of(value: Any) -> dt.datetime | None:
    """A time with its zone; None where the cell is empty. pyarrow reads dates as dates and times as times."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
