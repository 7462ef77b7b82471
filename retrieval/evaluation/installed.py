"""The installed product on its own catalogue: a version's requests as of its cutoff, judged by what came after.

A version learned from everything before its cutoff and from nothing after it. So only the events since then can say how
good it is, and only where the rest of the catalogue is as of the cutoff too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from scipy.sparse import csr_array

from catalog.models import Item
from catalog.sql import cursor
from retrieval import versions
from retrieval.evaluation import metrics
from retrieval.evaluation.metrics import Ranking
from retrieval.evaluation.past import as_of, newcomers
from retrieval.evaluation.unseen import Unseen, unseen_since
from retrieval.mixes import published_mix
from retrieval.models import ModelVersion
from retrieval.service import retrieve
from retrieval.types import Ids, Request, RetrievalError

DEPTHS = (20, 100, 500, 1000)
DEPTH = max(DEPTHS)
FEWEST_USERS = 20
_PATIENCE_MS = 100_000
# What a source needs is as of the cutoff; one that is not named here may know what came after, and is left out.
HONEST: Mapping[str, str] = {
    "collaborative": "the version learned nothing after its cutoff",
    "co_engagement": "the version learned nothing after its cutoff",
    "factorization": "the version learned nothing after its cutoff",
    "sequence": "the version learned nothing after its cutoff",
    "random_walks": "the version's graph has nothing after its cutoff",
    "co_watch": "reads no event after the cutoff",
    "neighbors": "reads no event after the cutoff",
    "content": "its top lists are made anew as of the cutoff",
    "trending": "made anew as of the cutoff",
    "rising": "made anew as of the cutoff",
    "long_tail": "draws from the items that were there; its top list is made anew as of the cutoff",
    "interest_clusters": "the version learned nothing after its cutoff",
    "content_vectors": "what an item is like is as of now",
    "social": "reads no event after the cutoff; who follows whom is as of now",
    "fresh": "counts back from the cutoff",
    "explore": "draws from the items that were there",
    "demographic": "its cells are counted anew as of the cutoff; profiles are as of now",
    "interests": "its lists are made anew as of the cutoff; answers and what stands for an interest are as of now",
    "fresh_follows": "reads no item published after the cutoff; who follows whom is as of now",
}
_POPULAR = """
SELECT event.item_id, count(DISTINCT event.user_id) FROM catalog_interaction event
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
JOIN catalog_item item ON item.id = event.item_id AND item.active
GROUP BY event.item_id ORDER BY count(DISTINCT event.user_id) DESC, event.item_id
"""
_HAD = "SELECT user_id, item_id FROM catalog_interaction WHERE user_id = ANY(%s) GROUP BY user_id, item_id"


class NothingToJudge(RetrievalError):
    """The version cannot be judged; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Case:
    """One ranking's figures by metric; `suite` is baseline, source or merged."""

    suite: str
    name: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """users: how many had something to find; items: how many could be recommended; absent: the share of what was to be
    found that was not there yet at the cutoff, which nothing can find."""

    version: ModelVersion
    users: int
    items: int
    absent: float
    used: Mapping[str, str]  # source -> why it knows nothing of the future
    left_out: Sequence[str]
    cases: Sequence[Case]


def evaluate(version: ModelVersion, *, most_users: int = 1_000, surface: str = "default") -> Evaluation:
    """The published mix with this version, its sources alone, and popularity. Raises NothingToJudge."""
    if version.state in (ModelVersion.State.FAILED, ModelVersion.State.RETIRED):
        raise NothingToJudge(f"{version}: its vectors are gone.")
    every = unseen_since(version.cutoff)
    if len(every) < FEWEST_USERS:
        raise NothingToJudge(
            f"{version} learned from everything before {version.cutoff:%Y-%m-%d %H:%M}. Since then {len(every)} users "
            f"did something new, too few to judge by ({FEWEST_USERS}). Wait, or train a trial without the newest "
            "events: `manage.py evaluate --trial`."
        )
    unseen = every.sample(most_users)
    # All that exist, also what came later: it belongs to what was to be found, and nobody could.
    item_ids = np.array(Item.objects.order_by("id").values_list("id", flat=True), np.int64)
    truth = unseen.truth(item_ids)
    slots = [slot.name for slot in published_mix(surface).slots]
    honest = [name for name in slots if name in HONEST]
    with as_of(version.cutoff, unseen.user_ids.tolist()), versions.pinned(version):
        late = np.isin(item_ids[truth.indices], list(newcomers()))
        items = Item.objects.filter(active=True).count()
        asked = _Asked(version, unseen, item_ids, surface)
        # As it is served, with its fill, where nothing had to be left out.
        mix = () if len(honest) == len(slots) else tuple(honest)
        rankings = {
            ("baseline", "popularity"): _popularity(unseen, item_ids),
            **{("source", name): asked.ranking((name,)) for name in honest},
            ("merged", "published mix"): asked.ranking(mix),
        }
    return Evaluation(
        version=version,
        users=len(unseen),
        items=items,
        absent=float(late.mean()),
        used={name: HONEST[name] for name in honest},
        left_out=[name for name in slots if name not in HONEST],
        cases=[_judged(*case, ranking, truth, items) for case, ranking in rankings.items()],
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    version: ModelVersion
    unseen: Unseen
    item_ids: Ids
    surface: str

    def ranking(self, sources: tuple[str, ...]) -> Ranking:
        """int32 [n_users, DEPTH]: places in `item_ids` of what the product answers as of the cutoff."""
        ranking = np.full((len(self.unseen), DEPTH), -1, np.int32)
        # The cutoff's own second is not known to the version any more.
        now = self.version.cutoff - timedelta(seconds=1)
        for row, user in enumerate(self.unseen.external_ids):
            request = Request(
                user=user,
                k=DEPTH,
                now=now,
                surface=self.surface,
                sources=sources,
                deadline_ms=_PATIENCE_MS,
                use_cache=False,
                draws=False,  # what was learned since the cutoff must not choose
            )
            found = retrieve(request).pool.item_ids
            ranking[row, : len(found)] = np.searchsorted(self.item_ids, found)
        return ranking


def _popularity(unseen: Unseen, item_ids: Ids) -> Ranking:
    """What most people liked before the cutoff, without what the user had then."""
    with cursor() as raw:
        popular = np.array([row[0] for row in raw.execute(_POPULAR)], np.int64)
        had = np.array(raw.execute(_HAD, [unseen.user_ids.tolist()]).fetchall(), np.int64).reshape(-1, 2)
    ranking = np.full((len(unseen), DEPTH), -1, np.int32)
    for row, user_id in enumerate(unseen.user_ids.tolist()):
        best = popular[~np.isin(popular, had[had[:, 0] == user_id, 1])][:DEPTH]
        ranking[row, : len(best)] = np.searchsorted(item_ids, best)
    return ranking


def _judged(suite: str, name: str, ranking: Ranking, truth: csr_array, items: int) -> Case:
    judged = metrics.judge(ranking, truth)
    values = {
        f"{metric}@{k}": float(of(judged, k).mean())
        for metric, of in metrics.PER_USER.items()
        for k in DEPTHS
    }
    low, high = metrics.interval(metrics.recall(judged, 100), seed=0)
    values |= {"recall@100_low": low, "recall@100_high": high}
    values |= {f"coverage@{k}": metrics.coverage(ranking, k, items) for k in DEPTHS}
    values |= {f"gini@{k}": metrics.gini(ranking, k, truth.shape[1]) for k in DEPTHS}
    return Case(suite, name, values)
