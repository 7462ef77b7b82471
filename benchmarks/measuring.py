"""From rankings to figures: of one case, of its parts, and of what one source adds to the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.datasets import DataSet
from benchmarks.item_traits import item_ages_s, traits
from benchmarks.quality import DEPTHS, Measured
from retrieval.evaluation import metrics, slices
from retrieval.evaluation.metrics import Judged, Ranking
from retrieval.evaluation.overlap import overlap

CURVE = (10, 20, 50, 100, 200, 350, 500, 750, 1000)
# Nobody looks at the variety of a thousand places.
_LIST_DEPTHS = (20, 100)
_OVERLAP_DEPTH = 100


@dataclass(frozen=True)
class Yardstick:
    """What all cases of one data set are measured by, worked out once."""

    data: DataSet

    @cached_property
    def truth(self) -> csr_array:
        """[len(users), n_items], rows as those of every ranking."""
        return csr_array(self.data.truth[self.data.users])

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """[n_items]: the share of users who like it."""
        return np.asarray(self.data.liked.mean(axis=0)).ravel()

    @cached_property
    def traits(self) -> csr_array:
        return traits(self.data)

    @cached_property
    def history(self) -> NDArray[np.int64]:
        """[len(users)]: the bucket of the number of items that the user has in train."""
        return slices.HISTORY.of(np.diff(self.data.seen.indptr)[self.data.users])

    @cached_property
    def item_age(self) -> NDArray[np.int64]:
        """[n_items]: the bucket of the item's age at the cutoff."""
        return slices.ITEM_AGE.of(item_ages_s(self.data))

    def measure(self, suite: str, case: str, ranking: Ranking) -> Measured:
        """Everything of one case. ranking: int32 [len(users), depth]."""
        judged = metrics.judge(ranking, self.truth)
        values = {
            f"{name}@{k}": float(of(judged, k).mean())
            for name, of in metrics.PER_USER.items()
            for k in DEPTHS
        }
        for k in (20, 100):
            values |= _bounds(f"recall@{k}", metrics.recall(judged, k))
        values |= self._of_lists(ranking)
        parts = {key: share for k in (20, 100) for key, share in self._parts(ranking, judged, k).items()}
        values |= {key: share.value for key, share in parts.items()}
        counts = {key: share.n for key, share in parts.items()}
        curve = {k: float(metrics.recall(judged, k).mean()) for k in CURVE}
        return Measured(suite, case, values, counts, curve)

    def _of_lists(self, ranking: Ranking) -> dict[str, float]:
        n_users, n_items = self.data.shape
        values = {}
        for k in DEPTHS:
            values[f"mean_popularity@{k}"] = metrics.mean_popularity(ranking, k, self.popularity)
            values[f"novelty@{k}"] = metrics.novelty(ranking, k, self.popularity, n_users=n_users)
            values[f"coverage@{k}"] = metrics.coverage(ranking, k, n_items)
            values[f"gini@{k}"] = metrics.gini(ranking, k, n_items)
        for k in _LIST_DEPTHS:
            values[f"intra_list_diversity@{k}"] = metrics.intra_list_diversity(ranking, k, self.traits)
        return values

    def _parts(self, ranking: Ranking, judged: Judged, k: int) -> dict[str, slices.Share]:
        by_user = slices.means(metrics.recall(judged, k), self.history, slices.HISTORY)
        by_item = slices.found_items(
            ranking, judged, self.truth, k, bucket=self.item_age, buckets=slices.ITEM_AGE
        )
        # One part says what the whole says.
        return {
            f"recall@{k}/{buckets.name}/{share.label}": share
            for buckets, shares in ((slices.HISTORY, by_user), (slices.ITEM_AGE, by_item))
            for share in shares
            if len(shares) > 1
        }

    def unique(self, ranking: Ranking, only_by: NDArray[np.str_], source: str) -> dict[str, float]:
        """`unique_recall`: the part of the merged list's recall that comes from what only this source proposed."""
        alone = np.where(only_by == source, ranking, -1)
        judged = metrics.judge(alone, self.truth)
        return {f"unique_recall@{k}": float(metrics.recall(judged, k).mean()) for k in DEPTHS}

    def marginal(
        self, whole: Ranking, without: Ranking, places: NDArray[np.int64], *, part: str = ""
    ) -> dict[str, float]:
        """`marginal_recall`: what the list loses when it is merged anew without one source, with its interval of the
        paired differences at 20 and 100. Below 0: the list is better without it.

        whole, without: [len(places), depth], of the users in those places of the ranking. part: as whom they were
        asked, the end of each metric's name.
        """
        truth = self.truth[places]
        all_of_it, rest = metrics.judge(whole, truth), metrics.judge(without, truth)
        lost = {
            f"marginal_recall@{k}": metrics.recall(all_of_it, k) - metrics.recall(rest, k) for k in DEPTHS
        }
        values = {name: float(loss.mean()) for name, loss in lost.items()}
        for k in (20, 100):
            values |= _bounds(f"marginal_recall@{k}", lost[f"marginal_recall@{k}"])
        return {f"{name}{part}": value for name, value in values.items()}

    def part(self, ranking: Ranking, places: NDArray[np.int64], part: str) -> dict[str, float]:
        """Recall of some users, of whom something else was known: [len(places), depth]."""
        judged = metrics.judge(ranking, self.truth[places])
        return {f"recall@{k}{part}": float(metrics.recall(judged, k).mean()) for k in (20, 100)}


def overlaps(rankings: Mapping[str, Ranking]) -> dict[str, dict[str, float]]:
    """By source: `overlap@100/with/<other>`, the share of its first 100 that the other proposes among its own."""
    table = overlap(list(rankings.values()), _OVERLAP_DEPTH)
    names: Sequence[str] = list(rankings)
    return {
        name: {
            f"overlap@{_OVERLAP_DEPTH}/with/{other}": float(table[i, j])
            for j, other in enumerate(names)
            if i != j and not np.isnan(table[i, j])
        }
        for i, name in enumerate(names)
    }


def _bounds(metric: str, values: metrics.PerUser) -> dict[str, float]:
    low, high = metrics.interval(values, seed=0)
    return {f"{metric}_low": low, f"{metric}_high": high}
