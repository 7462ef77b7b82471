"""The version's table of vectors, loaded and then indexed: blue beside the green one that serves."""

from typing import Any

from retrieval.models import ModelVersion
from retrieval.offline import vectors_table
from retrieval.offline.embedding import EMBEDDED
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of


def run(version_id: int) -> dict[str, Any]:
    """Makes the table anew; what is in it."""
    version = ModelVersion.objects.get(id=version_id)
    items = ItemVectors.load(folder_of(version_id) / EMBEDDED)
    vectors_table.create(version.vectors_table, version.dim)
    vectors_table.copy_in(version.vectors_table, items.item_ids, items.vectors, items.history)
    vectors_table.build_index(version.vectors_table)
    return {
        "rows": len(items),
        "dim": version.dim,
        "m": vectors_table.M,
        "ef_construction": vectors_table.EF_CONSTRUCTION,
    }
