"""The flip: the version gets what changed since it was built, goes live, and old ones leave."""

import shutil
import time
from pathlib import Path
from typing import Any

from retrieval import versions
from retrieval.config import config
from retrieval.models import ModelVersion
from retrieval.offline.new_items import embed_changes


def run(version_id: int) -> dict[str, Any]:
    """What changed at the last moment, and which versions retired. Raises NotPromotable."""
    changes = embed_changes(version_id)
    retired = flip(version_id)
    _clear_snapshots()
    return {"embedded": changes.embedded, "removed": changes.removed, "retired": retired}


def flip(version_id: int) -> list[int]:
    """Makes the version live; the numbers of the versions that retired, once nobody asks them any more. Raises
    NotPromotable."""
    versions.promote(version_id)
    time.sleep(versions.until_drained_s())
    return versions.retire()


def _clear_snapshots() -> None:
    """Removes the folders of versions that are retired or failed, or that no database of ours knows."""
    gone = [ModelVersion.State.RETIRED, ModelVersion.State.FAILED]
    kept = set(ModelVersion.objects.exclude(state__in=gone).values_list("id", flat=True))
    for folder in Path(config().snapshots_dir).iterdir():
        if folder.name.isdigit() and int(folder.name) not in kept:
            shutil.rmtree(folder, ignore_errors=True)
