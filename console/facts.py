"""What the home page knows of this installation, cheap enough for a public page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cachetools import TTLCache, cached
from django.db import OperationalError, connection

from retrieval.models import LivePointer, PublishedMix
from retrieval.source import Source, all_sources

# Tables up to this size are counted, in some ten milliseconds; larger ones are estimated by what ANALYZE last saw.
_COUNT_UP_TO = 200_000
_FRESH_S = 5


@dataclass(frozen=True, slots=True)
class Count:
    value: int
    bound: Literal["", "about", "over"] = ""  # exact; what ANALYZE estimated; as far as it was counted


@dataclass(frozen=True, slots=True)
class Published:
    surface: str  # empty: every surface without a mix of its own
    revision: int
    note: str


@dataclass(frozen=True, slots=True)
class Live:
    version: int
    dim: int
    promoted_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    items: Count
    users: Count
    events: Count
    model: Live | None
    mixes: tuple[Published, ...]


@cached(TTLCache(maxsize=1, ttl=_FRESH_S))
def current_facts() -> Facts | None:
    """At most a few seconds old; None while the database is away."""
    try:
        return read_facts()
    except OperationalError:
        return None


def read_facts() -> Facts:
    return Facts(
        items=count_rows("catalog_item"),
        users=count_rows("catalog_user"),
        events=count_rows("catalog_interaction"),
        model=_live(),
        mixes=tuple(
            Published(row.surface, row.revision_id, row.revision.note)
            for row in PublishedMix.objects.select_related("revision").order_by("surface")
        ),
    )


def count_rows(table: str) -> Count:
    """Rows of a table and its partitions; never a scan of a large table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT COALESCE(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class
               WHERE relkind = 'r' AND (oid = %(table)s::regclass
                  OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = %(table)s::regclass))""",
            {"table": table},
        )
        estimate: int = cursor.fetchone()[0]
        if estimate > _COUNT_UP_TO:
            return Count(estimate, "about")
        quoted = connection.ops.quote_name(table)
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT %s) AS head",  # noqa: S608  quoted
            [_COUNT_UP_TO + 1],
        )
        counted: int = cursor.fetchone()[0]
    # Where nothing was analyzed yet, as after a large import.
    return Count(_COUNT_UP_TO, "over") if counted > _COUNT_UP_TO else Count(counted)


def sources() -> Sequence[Source]:
    """Every source that this installation discovered, by name."""
    return tuple(all_sources().values())


def _live() -> Live | None:
    pointer = LivePointer.objects.select_related("version").first()
    if pointer is None:
        return None
    return Live(pointer.version_id, pointer.version.dim, pointer.promoted_at)
