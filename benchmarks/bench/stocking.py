"""A world's rows into the product's own tables, in the order in which the product would have made them."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from benchmarks.bench.copying import copy_in, copy_text, moments, texts
from benchmarks.bench.people import DAY_S, People
from benchmarks.bench.world import Items, Rows
from catalog.history import HISTORY_DTYPE
from catalog.partitions import ensure_partitions_for
from catalog.sql import cursor

_ITEMS_AT_ONCE = 10_000
_AGES = ("18-24", "25-34", "35-44", "45-54", "55+")
_PLACES = ("de", "fr", "gb", "us", "br", "in", "jp", "ng")
Say = Callable[[str, float], None]  # what is under way, and which share of it is done

_ITEM_COLUMNS = (
    *("id", "external_id", "title", "description", "category", "tags", "language", "creator_id"),
    *("published_at", "active", "attributes", "created_at", "updated_at"),
)


def stock(items: Items, people: People, now: dt.datetime, say: Say) -> None:
    """Creators, items, users, follows, events and histories; ids are rows + 1."""
    now_s = int(now.timestamp())
    with transaction.atomic(), cursor() as raw:
        made = moments(np.full(items.creators, now_s - 2000 * DAY_S))
        ids = np.arange(1, items.creators + 1)
        names = texts("creator-", ids)
        copy_in(raw, "catalog_creator", {"id": ids, "external_id": names, "name": names})
        copy_text(raw, "catalog_item", _ITEM_COLUMNS, _item_lines(items, now, say))
        _users(raw, people, now)
        for table, columns in _relations(people, now_s).items():
            copy_in(raw, table, columns)
        del made
    _events(people, now_s, say)
    for table in ("creator", "item", "user", "follow", "creatorfollow"):
        _move_sequence(f"catalog_{table}")
    say("statistics", 0.0)
    with connection.cursor() as plain:
        plain.execute("ANALYZE")


def _item_lines(items: Items, now: dt.datetime, say: Say) -> Iterator[str]:
    updated = (now - dt.timedelta(days=2)).isoformat()
    published = (
        np.datetime64(now.replace(tzinfo=None), "s") - (items.age_days * DAY_S).astype("m8[s]")
    ).tolist()
    rows = zip(
        items.category.tolist(), items.tags.tolist(), items.creator.tolist(), items.cluster.tolist(), published,
        strict=True,
    )  # fmt: skip
    number = 0
    while part := list(islice(rows, _ITEMS_AT_ONCE)):
        say("items", number / len(items))
        lines = []
        for category, tags, creator, cluster, moment in part:
            number += 1
            names = ",".join(f"tag-{tag}" for tag in tags)
            lines.append(
                f"{number}\titem-{number:08}\tStory {number} of theme {cluster}\t\tcategory-{category}\t{{{names}}}\ten"
                f"\t{creator + 1}\t{moment}+00\tt\t{{}}\t{moment}+00\t{updated}\n"
            )
        yield "".join(lines)


def _users(raw: object, people: People, now: dt.datetime) -> None:
    made = (now - dt.timedelta(days=100)).isoformat()
    names = (
        "id",
        "external_id",
        "age_group",
        "location",
        "language",
        "attributes",
        "social_opt_out",
        "created_at",
    )
    lines = (
        f"{n}\tuser-{n:08}\t{_AGES[n % 5]}\t{_PLACES[n % 8]}\ten\t{{}}\tf\t{made}\n"
        for n in range(1, len(people) + 1)
    )
    copy_text(raw, "catalog_user", names, lines)  # type: ignore[arg-type]


def _relations(people: People, now_s: int) -> dict[str, dict[str, Rows]]:
    follows, fans = len(people.follower), len(people.fan)
    return {
        "catalog_follow": {
            "id": np.arange(1, follows + 1),
            "follower_id": people.follower + 1,
            "followee_id": people.followee + 1,
            "created_at": moments(np.full(follows, now_s - 50 * DAY_S)),
        },
        "catalog_creatorfollow": {
            "id": np.arange(1, fans + 1),
            "user_id": people.fan + 1,
            "creator_id": people.fan_of + 1,
            "created_at": moments(np.full(fans, now_s - 50 * DAY_S)),
        },
    }


def event_columns(
    user: Rows, item: Rows, kind: NDArray[np.integer], at_s: Rows, prefix: str = "e"
) -> dict[str, NDArray[Any]]:
    """Rows of catalog_interaction; user and item are rows of the world."""
    return {
        "event_id": texts(prefix, np.arange(len(user))),
        "user_id": user + 1,
        "item_id": item + 1,
        "type_id": kind.astype(np.int16),
        "occurred_at": moments(at_s),
        "received_at": moments(at_s),
    }


def _events(people: People, now_s: int, say: Say) -> None:
    """By time, as they would have come; then each user's row."""
    at_s = now_s - people.event_age_s
    days = np.unique(at_s // DAY_S) * DAY_S
    ensure_partitions_for(dt.datetime.fromtimestamp(day, dt.UTC) for day in days.tolist())
    order = np.argsort(at_s, kind="stable")
    user = people.event_user
    with transaction.atomic(), cursor() as raw:
        say("events", 0.0)
        rows = event_columns(user[order], people.event_item[order], people.event_type[order], at_s[order])
        copy_in(raw, "catalog_interaction", rows)
        say("histories", 0.0)
        entries = np.empty(len(user), HISTORY_DTYPE)
        entries["item_id"], entries["occurred_at_s"] = people.event_item + 1, at_s
        entries["type_id"], entries["value"], entries["dwell_s"] = people.event_type, np.nan, np.nan
        ends = np.cumsum(people.counts)
        packed, size = entries.tobytes(), HISTORY_DTYPE.itemsize
        last = [dt.datetime.fromtimestamp(moment, dt.UTC) for moment in at_s[ends - 1].tolist()]
        statement = "COPY catalog_userhistory (user_id, version, event_count, events, last_event_at)"
        with raw.copy(f"{statement} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int8", "int8", "bytea", "timestamptz"])
            for row, (begin, end) in enumerate(pairwise([0, *ends.tolist()])):
                copy.write_row((row + 1, 1, end - begin, packed[begin * size : end * size], last[row]))


def _move_sequence(table: str) -> None:
    with connection.cursor() as plain:
        plain.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        )
