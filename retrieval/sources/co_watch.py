"""What comes next: what others turned to after, and just before, what the user turned to last."""

import numpy as np
from numpy.typing import NDArray

from retrieval.sets import among, largest, numbered
from retrieval.source import Course, register
from retrieval.turning import Reach, counts, turned_to
from retrieval.types import Context, Found, Ids

SEEDS = 5
# Per later item of the user's: the last one says the most of where she is heading.
SEED_DECAY = 0.8


@register
class CoWatch:
    name = "co_watch"
    label = "Watched next"
    explores = False
    course = Course.NEXT
    reason = "others turned to this after {seed}"

    def applies_to(self, context: Context) -> bool:
        return len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: over the user's last items and the newest events of others on them, one for each time that
        their users turned to it within a week after, a half within a week before (A → B is not B → A), halved with
        each day that this is ago.

        Neighborhoods of sessions (Jannach, Ludewig 2017) with the direction of co-visitation (Davidson et al. 2010),
        read from the events themselves: an event counts in the next request, and nothing is kept that could be stale.
        One query. Options: `seeds`, `audience`, `after`, `before`, `window_s`.
        """
        if k <= 0:
            return Found.empty()
        seeds, shares = _last_items(context, int(context.options.get("seeds", SEEDS)))
        places, item_ids, parts = _near(context, seeds, shares)
        known = among(item_ids, np.sort(context.engaged()))
        places, item_ids, parts = places[~known], item_ids[~known], parts[~known]
        found, columns = numbered(item_ids)
        totals = np.bincount(columns, weights=parts, minlength=len(found))
        by_seed = np.zeros((len(seeds), len(found)))
        np.add.at(by_seed, (places, columns), parts)
        best = largest(totals, k)
        strongest = by_seed[:, best].argmax(axis=0)
        return Found(found[best], totals[best].astype(np.float32), seeds[strongest])


def _last_items(context: Context, most: int) -> tuple[Ids, NDArray[np.float64]]:
    """(int64 [n], float64 [n]): the items liked last, the last one first, and what each counts."""
    newest_first = context.liked()["item_id"][::-1].astype(np.int64)
    _, first = np.unique(newest_first, return_index=True)
    items = newest_first[np.sort(first)][:most]
    return items, np.power(SEED_DECAY, np.arange(len(items)), dtype=np.float64)


def _near(
    context: Context, seeds: Ids, shares: NDArray[np.float64]
) -> tuple[NDArray[np.int64], Ids, NDArray[np.float64]]:
    """Of each event near one of the seeds: the seed's place, the item, what it counts. Dislikes do not count."""
    options, default = context.options, Reach()
    reach = Reach(
        audience=int(options.get("audience", default.audience)),
        after=int(options.get("after", default.after)),
        before=int(options.get("before", default.before)),
        window_s=float(options.get("window_s", default.window_s)),
    )
    turned = turned_to(
        seeds, but_user=context.user_id, now=context.now, reach=reach, deadline=context.deadline
    )
    weights = context.event_weights
    liked = np.array([weights.get(type_id, 0.0) > 0 for type_id in turned.type_ids.tolist()], np.bool_)
    order = np.argsort(seeds)
    places = order[np.searchsorted(seeds[order], turned.seeds[liked])] if len(seeds) else turned.seeds[liked]
    return places, turned.item_ids[liked], shares[places] * counts(turned)[liked]
