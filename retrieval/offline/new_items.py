"""New and changed items enter the serving versions within a minute, placed by their content; what was taken
out of the catalogue leaves. The previous version is kept current too, or a rollback would forget items."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from django.db import DatabaseError, connection
from django.db.models import Q
from psycopg import sql

from catalog.models import Item
from retrieval import artifacts
from retrieval.encoder import ItemEncoder
from retrieval.models import ModelVersion, remember
from retrieval.offline import vectors_table
from retrieval.offline.content import CatalogItem, from_content, read_items
from retrieval.versions import VECTORS_CHANGED_AT

_ITEMS_PER_BATCH = 1_000
_LAST_ID = 2**63 - 1
# A transaction may commit this much after the time that it wrote: what changed lately is read again.
_LATE_COMMITS = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Changes:
    embedded: int
    removed: int


def embed_new_items(now: dt.datetime) -> dict[int, Changes]:
    """Brings every version that serves, or could by rolling back, up to the catalogue of `now`."""
    serving = ModelVersion.objects.filter(state__in=[ModelVersion.State.LIVE, ModelVersion.State.READY])
    changes: dict[int, Changes] = {}
    # The live one first: whatever befalls another must not keep new items out of it.
    for version in sorted(
        serving, key=lambda version: (version.state != ModelVersion.State.LIVE, -version.id)
    ):
        try:
            changes[version.id] = embed_changes(version.id, now=now)
        except (DatabaseError, psycopg.Error, artifacts.ArtifactMissing):
            # Retired just now, with its tables and files: there is nothing left to bring up to date.
            if serving.filter(id=version.id).exists():
                raise
    return changes


def embed_changes(version_id: int, *, now: dt.datetime | None = None) -> Changes:
    """Brings one version up to the catalogue; what changed in the two minutes before `now` is looked at again."""
    version = ModelVersion.objects.get(id=version_id)
    until = dt.datetime.fromisoformat(version.report["items_until"])
    place = (min(until, (now or until) - _LATE_COMMITS), _LAST_ID)
    embedded = removed = 0
    encoder = ItemEncoder.from_artifact(artifacts.load(version_id, artifacts.ITEM_ENCODER))
    while changed := _changed_since(*place):
        place = changed[-1]
        items = read_items([item_id for _, item_id in changed])
        removed += vectors_table.remove(version.vectors_table, [i.item_id for i in items if not i.active])
        placed = _without_trained(version, [item for item in items if item.active])
        if placed:
            new = from_content(encoder, placed)
            vectors_table.upsert(version.vectors_table, new.item_ids, new.vectors, new.history)
        embedded += len(placed)
    if place[0] > until:
        remember(version_id, "items_until", place[0].isoformat())
    if embedded or removed:
        # After the rows are there: who keeps the version's vectors reads them again.
        remember(version_id, VECTORS_CHANGED_AT, dt.datetime.now(dt.UTC).isoformat())
    return Changes(embedded, removed)


def _changed_since(updated_at: dt.datetime, item_id: int) -> list[tuple[dt.datetime, int]]:
    """The next items in order of (updated_at, id)."""
    later = Q(updated_at__gt=updated_at) | Q(updated_at=updated_at, id__gt=item_id)
    found = Item.objects.filter(later, updated_at__gte=updated_at).order_by("updated_at", "id")
    return list(found.values_list("updated_at", "id")[:_ITEMS_PER_BATCH])


def _without_trained(version: ModelVersion, items: Sequence[CatalogItem]) -> list[CatalogItem]:
    """Without those that the version places by what it learned of them: content alone says less."""
    statement = sql.SQL(
        "SELECT v.item_id FROM {} v WHERE v.item_id = ANY(%s) AND EXISTS ("
        "SELECT FROM catalog_interaction e WHERE e.item_id = v.item_id AND e.occurred_at < %s)"
    ).format(sql.Identifier(version.vectors_table))
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(None), [[item.item_id for item in items], version.cutoff])
        trained = {row[0] for row in cursor}
    return [item for item in items if item.item_id not in trained]
