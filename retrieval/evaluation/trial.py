"""A version that is made to be measured, and is gone afterwards."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.sql import cursor
from retrieval.mixes import Mix
from retrieval.models import ModelVersion
from retrieval.offline import pipeline
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import SEQUENCE
from retrieval.versions import drop_tables

NEWEST_SHARE = 0.1
_AT = """
SELECT occurred_at FROM catalog_interaction ORDER BY occurred_at
OFFSET (SELECT floor(count(*) * (1 - %s::float8))::bigint FROM catalog_interaction) LIMIT 1
"""


def newest_share_begins() -> dt.datetime | None:
    """When the newest tenth of all events begins; None where there are no events."""
    with cursor() as raw:
        row = raw.execute(_AT, [NEWEST_SHARE]).fetchone()
        return row[0] if row else None


@contextmanager
def trial(cutoff: dt.datetime, *, mix: Mix | None = None) -> Iterator[ModelVersion]:
    """A version trained on the events before `cutoff` as the next one would be; never promoted, and dropped at the
    end of the block. Raises what its steps raise.

    mix: which it will be asked under; None: what serves. The sequence model is trained for a mix that names it.
    """
    names_it = mix is not None and any(slot.name == SEQUENCE for slot in mix.slots)
    version_id = pipeline.start(cutoff, config={} if mix is None else {SEQUENCE: names_it})
    try:
        pipeline.run(version_id, until="indexing")
        yield ModelVersion.objects.get(id=version_id)
    finally:
        _drop(ModelVersion.objects.get(id=version_id))


def _drop(version: ModelVersion) -> None:
    drop_tables(version)
    shutil.rmtree(folder_of(version.id), ignore_errors=True)
    version.delete()
