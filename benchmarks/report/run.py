"""What a run leaves to its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.datasets import DataSet
from benchmarks.figures import Figure
from benchmarks.product import Product
from benchmarks.quality import Measured
from retrieval.models import ModelVersion

_SPLITS = {
    "given": "given split",
    "time": "split by time, the newest fifth to be found",
    "last-out": "each user's last item to be found",
}


@dataclass
class Report:
    """Filled in as the run goes; what was left out stays empty."""

    data: DataSet
    split: list[Measured] = field(default_factory=list)
    replay: list[Measured] = field(default_factory=list)
    index: list[Figure] = field(default_factory=list)
    seconds: Mapping[str, float] = field(default_factory=dict)  # stage -> how long
    version: Mapping[str, Any] = field(default_factory=dict)  # the model version's own report

    @property
    def title(self) -> str:
        data = self.data
        return (
            f"{data.name}: {_SPLITS[data.protocol]}, {data.shape[1]:,} items, full ranking, "
            f"{self._users()}, as of {data.cutoff:%Y-%m-%d %H:%M}"
        )

    def _users(self) -> str:
        measured, all_ = len(self.data.users), int(np.count_nonzero(np.diff(self.data.truth.indptr)))
        of = f"a sample of {measured:,} of the {all_:,} users" if measured < all_ else f"{measured:,} users"
        return f"{of} with something to find"

    def learn_of(self, product: Product) -> None:
        self.seconds = product.seconds
        self.version = ModelVersion.objects.get(id=product.version).report


def parts(measured: Measured, metric: str, dimension: str) -> dict[str, tuple[float, int]]:
    """Label -> (value, n) of a metric's parts, in the order in which they were measured."""
    start = f"{metric}/{dimension}/"
    return {
        name.removeprefix(start): (value, measured.counts.get(name, 0))
        for name, value in measured.values.items()
        if name.startswith(start)
    }
