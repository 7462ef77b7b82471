"""An immutable copy of what a version may learn from: events before its cutoff, items and users, as Parquet.

Nothing from the cutoff on is in it, so nothing later in the offline path can leak the future.
"""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from catalog.models import EventType
from retrieval.config import config
from retrieval.models import ModelVersion
from retrieval.types import RetrievalError

_ROWS_PER_BATCH = 50_000

EVENTS = pa.schema(
    [
        ("user_id", pa.int64()),
        ("item_id", pa.int64()),
        ("type_id", pa.int16()),
        ("weight", pa.float32()),
        ("value", pa.float32()),
        ("dwell_s", pa.float32()),
        ("occurred_at_s", pa.int64()),
    ]
)
ITEMS = pa.schema(
    [
        ("item_id", pa.int64()),
        ("active", pa.bool_()),
        ("title", pa.string()),
        ("description", pa.string()),
        ("category", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("creator", pa.string()),
        ("language", pa.string()),
        ("published_at_s", pa.int64()),
    ]
)
USERS = pa.schema(
    [
        ("user_id", pa.int64()),
        ("age_group", pa.string()),
        ("location", pa.string()),
        ("language", pa.string()),
    ]
)

IMPRESSIONS = pa.schema([("user_id", pa.int64()), ("item_id", pa.int64()), ("shown_at_s", pa.int64())])

# The weight is frozen with the event: changing a type's weight later must not change a past training.
_EVENTS_QUERY = """
SELECT e.user_id, e.item_id, e.type_id, t.weight, e.value, e.dwell_s, floor(extract(epoch FROM e.occurred_at))::bigint
FROM catalog_interaction e JOIN catalog_eventtype t ON t.id = e.type_id
WHERE e.occurred_at < %(cutoff)s
"""
ITEMS_QUERY = """
SELECT i.id, i.active, i.title, i.description, i.category, i.tags, coalesce(c.external_id, ''), i.language,
       coalesce(extract(epoch FROM i.published_at)::bigint, 0)
FROM catalog_item i LEFT JOIN catalog_creator c ON c.id = i.creator_id
"""
# An item that appears only after the cutoff isn't there yet; one with events was there, whatever its date says.
_THERE = """
WHERE i.published_at IS NULL OR i.published_at < %(cutoff)s
   OR i.id IN (SELECT item_id FROM catalog_interaction WHERE occurred_at < %(cutoff)s)
ORDER BY i.id
"""
_KNOWN_ITEMS = ITEMS_QUERY + _THERE
# What users were shown and did nothing with; older impressions say less of what competes today.
_LEFT_QUERY = """
SELECT shown.user_id, shown.item_id, floor(extract(epoch FROM min(shown.shown_at)))::bigint
FROM coldstart_impression shown
WHERE shown.shown_at < %(cutoff)s AND shown.shown_at >= %(cutoff)s - interval '30 days'
  AND NOT EXISTS (
    SELECT FROM catalog_interaction e
    WHERE e.user_id = shown.user_id AND e.item_id = shown.item_id AND e.occurred_at < %(cutoff)s
  )
GROUP BY shown.user_id, shown.item_id
"""
_USERS_QUERY = "SELECT id, age_group, location, language FROM catalog_user ORDER BY id"


class SnapshotMissing(RetrievalError):
    """The snapshot's folder is not on this machine, or is damaged."""


def folder_of(version_id: int) -> Path:
    """Where the version's snapshot and its vectors between two steps lie."""
    return Path(config().snapshots_dir) / str(version_id)


def run(version_id: int) -> dict[str, Any]:
    """Writes the snapshot, unless it is there already; its manifest."""
    version = ModelVersion.objects.get(id=version_id)
    return write_snapshot(
        version.cutoff,
        folder_of(version_id),
        made_for=version.created_at.isoformat(),
        with_impressions=_wants_impressions(version.config),
    )


def _wants_impressions(settings: Mapping[str, Any]) -> bool:
    """There are many more impressions than events, so they are read only for a training that learns from them."""
    shares = settings.get("negative_shares")
    return isinstance(shares, Mapping) and bool(shares.get("impressions"))


def write_snapshot(
    cutoff: dt.datetime, folder: Path, *, made_for: str = "", with_impressions: bool = False
) -> dict[str, Any]:
    """The manifest of the snapshot in `folder`, written now or before. Memory stays that of one batch.

    A folder that was `made_for` another version is replaced: a new database counts versions from 1 again.
    """
    if (folder / "manifest.json").exists():
        manifest = read_manifest(folder)
        if manifest["made_for"] == made_for:
            return manifest
        shutil.rmtree(folder)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    parameters = {"cutoff": cutoff}
    with transaction.atomic():
        types = {str(kind.id): kind.name for kind in EventType.objects.order_by("id")}
        files = {
            "events": _write(partial / "events.parquet", EVENTS, _EVENTS_QUERY, parameters),
            "items": _write(partial / "items.parquet", ITEMS, _KNOWN_ITEMS, parameters),
            "users": _write(partial / "users.parquet", USERS, _USERS_QUERY, {}),
        }
        if with_impressions:
            left = _write(partial / "impressions.parquet", IMPRESSIONS, _LEFT_QUERY, parameters)
            files["impressions"] = left
    manifest = {"cutoff": cutoff.isoformat(), "made_for": made_for, "files": files, "event_types": types}
    (partial / "manifest.json").write_text(json.dumps(manifest, indent=1))
    # Only a whole snapshot ever has the final name.
    partial.replace(folder)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises SnapshotMissing where there is none, or where a file is not the one that was written."""
    path = folder / "manifest.json"
    if not path.exists():
        raise SnapshotMissing(f"No snapshot in {folder}: run the snapshot step on this machine.")
    manifest: dict[str, Any] = json.loads(path.read_text())
    for name, facts in manifest["files"].items():
        if _sha256(folder / f"{name}.parquet") != facts["sha256"]:
            raise SnapshotMissing(f"{folder / name}.parquet was changed after it was written.")
    return manifest


def _write(path: Path, schema: pa.Schema, query: str, parameters: dict[str, Any]) -> dict[str, Any]:
    with pq.ParquetWriter(path, schema) as writer, connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while batch := cursor.fetchmany(_ROWS_PER_BATCH):
            writer.write_batch(_record_batch(batch, schema))
    return file_facts(path)


def file_facts(path: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    rows = pq.read_metadata(path).num_rows
    return {"rows": rows, "bytes": path.stat().st_size, "sha256": _sha256(path)}


def _record_batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
