"""Three honest ways to record what the sources say: none of them knows what is to be found.

`time`: as of one moment, what users newly did later. `last`: each user's newest items, found by what else is known;
for data whose times say nothing. `replay`: each request as of its own moment, which alone can see that something is
fresh.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Max

from catalog.models import Interaction
from retrieval import versions
from retrieval.evaluation.held_out import held_out, keep_histories, without_newest
from retrieval.evaluation.installed import NothingToJudge
from retrieval.evaluation.past import as_of, make_lists, newcomers
from retrieval.evaluation.trial import newest_share_begins, trial
from retrieval.evaluation.unseen import unseen_since
from retrieval.evaluation.walking import walk, wishes
from retrieval.mixes import Mix
from retrieval.tuning.recording import Recorded, record
from retrieval.types import Request

HELD_OUT_SHARE = 0.1
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: under which mix, for how many candidates, at most how many requests. types: names of the event
    types that are worth finding; None: all that say liking. cutoff: where the validation period begins; None: before
    the newest tenth of all events."""

    mix: Mix
    k: int = 1000
    most: int = 1_000
    types: Sequence[str] | None = None
    cutoff: dt.datetime | None = None

    def request(self, user: str, now: dt.datetime) -> Request:
        return Request(user=user, k=self.k, now=now, use_cache=False)


def by_time(asking: Asking) -> Iterator[Recorded]:
    """One request for each of a sample of users, as of the cutoff. Raises NothingToJudge."""
    cutoff = asking.cutoff or _newest_share_begins()
    unseen = unseen_since(cutoff, types=asking.types).sample(asking.most)
    with (
        trial(cutoff, mix=asking.mix) as version,
        as_of(cutoff, unseen.user_ids.tolist()),
        versions.pinned(version),
    ):
        absent = _ascending(newcomers())
        for user, items in zip(unseen.external_ids, unseen.items, strict=True):
            # The cutoff's own second is not known to the version any more.
            yield record(asking.request(user, cutoff - _SECOND), asking.mix, items, absent=absent)


def by_last_items(asking: Asking) -> Iterator[Recorded]:
    """One request for each of a sample of users, without her newest tenth. Raises NothingToJudge."""
    newest = Interaction.objects.aggregate(newest=Max("occurred_at"))["newest"]
    if newest is None:
        raise NothingToJudge("There are no events yet.")
    now = newest + _SECOND
    mix = asking.mix
    with (
        without_newest(HELD_OUT_SHARE, now=now) as past,
        trial(now, mix=mix) as version,
        versions.pinned(version),
    ):
        unseen = held_out(past, types=asking.types).sample(asking.most)
        keep_histories(past, unseen.user_ids.tolist())
        make_lists(now)
        for user, items in zip(unseen.external_ids, unseen.items, strict=True):
            yield record(asking.request(user, now), asking.mix, items)


def by_replay(asking: Asking) -> Iterator[Recorded]:
    """One request for each of a sample of events since the cutoff, just before it. Raises NothingToJudge."""
    cutoff = asking.cutoff or _newest_share_begins()
    newest = Interaction.objects.aggregate(newest=Max("occurred_at"))["newest"]
    wanted = wishes(cutoff, newest + _SECOND, most=asking.most, types=asking.types)
    with trial(cutoff, mix=asking.mix) as version, as_of(cutoff, []) as past, versions.pinned(version):
        for wish in walk(past, cutoff, wanted):
            items = np.array([wish.item_id], np.int64)
            request = asking.request(wish.user, wish.at)
            yield record(request, asking.mix, items, absent=_ascending(newcomers()))


VALIDATIONS = {"time": by_time, "last": by_last_items, "replay": by_replay}


def _newest_share_begins() -> dt.datetime:
    cutoff = newest_share_begins()
    if cutoff is None:
        raise NothingToJudge("There are no events yet.")
    return cutoff


def _ascending(item_ids: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.sort(np.fromiter(item_ids, np.int64))
