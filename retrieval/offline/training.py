"""The towers, trained on the version's snapshot."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval import artifacts
from retrieval.ann import fits
from retrieval.models import ModelVersion
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.types import RetrievalError

if TYPE_CHECKING:
    from retrieval.towers.train import TrainedTowers

TRAINED = "trained.safetensors"
SEQUENCE = (
    "sequence"  # of a version's config: settings of the sequence model, or false; all others are the towers'
)


class NothingToLearn(RetrievalError):
    """There are no events before the cutoff."""


def run(version_id: int) -> dict[str, Any]:
    """Trains, keeps the encoders with the version and all items' vectors beside the snapshot; the report."""
    version = ModelVersion.objects.get(id=version_id)
    arrays = read_snapshot(folder_of(version_id))
    trained = train_towers(arrays, version, folder=folder_of(version_id))
    artifacts.save(version_id, artifacts.USER_ENCODER, trained.user_artifact)
    artifacts.save(version_id, artifacts.ITEM_ENCODER, trained.item_artifact)
    vectors = ItemVectors(arrays.data.item_ids, trained.item_vectors, trained.history_vectors)
    vectors.save(folder_of(version_id) / TRAINED)
    return trained.report


def beside(version_id: int) -> None:
    """Trains with the process that runs this step, without writing anything: `torchrun`'s other processes. Their
    snapshot is the first one's, made before."""
    version = ModelVersion.objects.get(id=version_id)
    train_towers(read_snapshot(folder_of(version_id)), version, folder=folder_of(version_id))


def train_towers(
    arrays: SnapshotArrays, version: ModelVersion, *, folder: Path | None = None
) -> "TrainedTowers":
    """Trains under the version's settings, for which the sizes of the data give the defaults; in `folder` it leaves
    what an interrupted training goes on from. Raises NothingToLearn, InvalidTowerConfig."""
    # Here, not above: whoever only schedules this step must not load torch.
    from retrieval.towers.config import TowerConfig  # noqa: PLC0415
    from retrieval.towers.ranks import Ranks  # noqa: PLC0415
    from retrieval.towers.train import train  # noqa: PLC0415

    data = arrays.data
    if not (data.weight > 0).any():
        raise NothingToLearn(
            f"No event before {version.cutoff:%Y-%m-%d %H:%M} says that anybody liked anything."
        )
    defaults = TowerConfig.for_data(len(data), exact=fits(data.n_items, version.dim))
    ranks = Ranks.from_environment() if folder else Ranks()
    settings = {"dim": version.dim, **version.config}
    settings.pop(SEQUENCE, None)
    return train(data, defaults.overridden(settings), folder=folder, ranks=ranks)
