"""The sequence model, trained on the version's snapshot where something asks for it, as the version's table of items'
vectors and a small file."""

from typing import Any

import numpy as np

from experiments.running import read_running
from retrieval import artifacts
from retrieval.mixes import mix_by_revision
from retrieval.models import ModelVersion, PublishedMix
from retrieval.offline import vectors_table
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.factorizing import of_length_one
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import SEQUENCE
from retrieval.sequence import ARTIFACT

_SOURCE = "sequence"


def run(version_id: int) -> dict[str, Any]:
    """Makes the table anew, or none; what is in it. `dim` is one more than the vectors have, 0 where there are none."""
    version = ModelVersion.objects.get(id=version_id)
    if not wanted(version):
        return {"rows": 0, "dim": 0, "why": "no mix that serves names the source, and the config doesn't ask"}
    return learn_sequences(read_snapshot(folder_of(version_id)), version)


def wanted(version: ModelVersion) -> bool:
    """What the version's config says; where it says nothing, whether a mix that serves names the source."""
    setting = version.config.get(SEQUENCE)
    return _is_served() if setting is None else setting is not False


def learn_sequences(arrays: SnapshotArrays, version: ModelVersion) -> dict[str, Any]:
    """Fills the version's table with the active items that somebody liked, and keeps the encoder. Raises
    InvalidTowerConfig."""
    # Here, not above: whoever only schedules this step must not load torch.
    from retrieval.towers.sequence import SequenceConfig, train_sequence  # noqa: PLC0415

    settings = version.config.get(SEQUENCE)
    config = SequenceConfig().overridden(settings if isinstance(settings, dict) else {})
    trained = train_sequence(arrays.data, config)
    if trained is None:
        return {
            "rows": 0,
            "dim": 0,
            "why": "events come in no order: nobody liked two things one after the other",
        }
    artifacts.save(version.id, ARTIFACT, trained.encoder.packed())
    rows = np.flatnonzero(arrays.active & trained.touched)
    vectors_table.create(version.sequence_table, config.dim + 1)
    vectors_table.copy_in(
        version.sequence_table,
        arrays.data.item_ids[rows],
        of_length_one(trained.items[rows]),
        np.column_stack([trained.items[rows], np.zeros((len(rows), 1), np.float32)]),
    )
    vectors_table.build_index(version.sequence_table)
    return {"rows": len(rows), "dim": config.dim + 1, **trained.report}


def _is_served() -> bool:
    """Whether what is published, or an experiment's arm, or what either has for newcomers, has such a source."""
    revisions = set(PublishedMix.objects.values_list("revision_id", flat=True))
    tried = [arm.settings for running in read_running() for arm in running.arms]
    revisions |= {number for one in tried for number in (one.mix_revision, one.newcomers_revision) if number}
    mixes = [mix_by_revision(revision) for revision in sorted(revisions)]
    mixes += [mix_by_revision(mix.newcomers.revision) for mix in mixes if mix.newcomers is not None]
    return any(slot.name == _SOURCE for mix in mixes for slot in mix.slots)
