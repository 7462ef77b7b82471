"""Measures the version against the gates of promotion."""

from typing import Any

from retrieval import artifacts
from retrieval.encoder import UserEncoder
from retrieval.models import LivePointer, ModelVersion
from retrieval.offline import gates
from retrieval.offline.arrays import read_snapshot
from retrieval.offline.embedding import EMBEDDED
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import TRAINED
from retrieval.types import RetrievalError


class GatesFailed(RetrievalError):
    """The version may not serve; the message names each gate and its figure."""


def run(version_id: int) -> dict[str, Any]:
    """The gates' figures; the version is ready to promote when this returns. Raises GatesFailed."""
    version = ModelVersion.objects.get(id=version_id)
    folder = folder_of(version_id)
    arrays = read_snapshot(folder)
    trained, embedded = ItemVectors.load(folder / TRAINED), ItemVectors.load(folder / EMBEDDED)
    encoder = UserEncoder.from_artifact(artifacts.load(version_id, artifacts.USER_ENCODER))
    pointer = LivePointer.objects.select_related("version").first()
    live = pointer.version if pointer is not None and pointer.version_id != version_id else None
    results = [
        gates.rows_gate(version, len(embedded)),
        gates.parity_gate(version),
        *filter(None, [gates.sequence_parity_gate(version)]),
        gates.index_gate(version, arrays, trained, encoder),
        gates.quality_gate(version, arrays, live),
    ]
    failed = [f"{gate.name} is {gate.value}, must be {gate.demand}" for gate in results if not gate.passed]
    if failed:
        raise GatesFailed("; ".join(failed))
    ModelVersion.objects.filter(id=version_id, state=ModelVersion.State.BUILDING).update(
        state=ModelVersion.State.READY
    )
    return {"gates": [gate.as_report() for gate in results]}
