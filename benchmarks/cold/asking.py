"""The product as held-out people meet it: after nothing, after the survey, after some events."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.cold import survey
from benchmarks.cold.people import HeldOut
from catalog.events import Event, record_events
from catalog.models import Item
from catalog.partitions import ensure_partitions_for
from coldstart.interests import (
    KnownInterest,
    answer_survey,
    current_consent,
    offered_interests,
    withdraw_answer,
)
from retrieval.evaluation.metrics import Ranking
from retrieval.service import retrieve
from retrieval.types import Request

K = 100
_PATIENCE_MS = 100_000


@dataclass
class Meeting:
    """Asks for everybody at once, in whatever state they are."""

    people: HeldOut
    revision: int
    events_of: list[int] = field(default_factory=list)  # how many events of each are in
    degraded: int = 0

    def __post_init__(self) -> None:
        self.events_of = [0] * len(self.people.users)
        pairs = np.array(list(Item.objects.order_by("id").values_list("id", "external_id")), "U64")
        self._ids = pairs[:, 0].astype(np.int64)
        self._places = np.searchsorted(self.people.data.item_ids, pairs[:, 1])

    def show(self, most: int | None) -> None:
        """Everybody's first events, up to so many (None: all that are shown), are in the product."""
        people, added = self.people, []
        for place, rows in enumerate(people.shown):
            end = len(rows) if most is None else min(most, len(rows))
            added += rows[self.events_of[place] : end].tolist()
            self.events_of[place] = max(self.events_of[place], end)
        _record(people, added)

    def answer_all(self) -> None:
        """Everybody answers the survey as what is shown of them says."""
        popularity, interests = self._popularity(), self._offered((), adaptive=False)
        for place in range(len(self.people.users)):
            self._answer(place, survey.answer(self.people.liked_shown(place), interests, popularity))

    def answer_questions(self, questions: int, *, adaptive: bool) -> None:
        """Instead of what they answered before, everybody says yes or no to so many interests, one after the other, in
        the product's order: that of the admin, or what tells most after the answers so far."""
        popularity = self._popularity()
        ask = cache(lambda chosen: self._offered(chosen, adaptive=adaptive))
        for place in range(len(self.people.users)):
            liked = self.people.liked_shown(place)
            slugs = survey.replies(liked, lambda chosen: ask(tuple(chosen)), popularity, questions=questions)
            self._answer(place, slugs)

    def _answer(self, place: int, slugs: Sequence[str]) -> None:
        data = self.people.data
        user = str(data.user_ids[self.people.users[place]])
        withdraw_answer(user)
        if slugs:
            answer_survey(user, slugs, consent_version=current_consent().version, now=data.cutoff)

    def _offered(self, chosen: Sequence[str], *, adaptive: bool) -> list[KnownInterest]:
        """With places for ids."""
        offered = offered_interests(chosen, adaptive=adaptive)
        return [replace(one, representatives=self._placed(one.representatives)) for one in offered]

    def _popularity(self) -> NDArray[np.float64]:
        return np.asarray(self.people.data.liked.sum(axis=0), np.float64).ravel()

    def ranking(self, *sources: str) -> Ranking:
        """int32 [n_people, K]: the first K of the answer without what is shown of the person in any case, so that the
        same items compete in all cases."""
        data = self.people.data
        ranking = np.full((len(self.people.users), K), -1, np.int32)
        for place, user in enumerate(self.people.users.tolist()):
            known = self.people.items_shown(place)
            request = Request(
                user=str(data.user_ids[user]),
                k=K + len(known),
                now=data.cutoff,
                sources=sources,
                mix_revision=self.revision,
                deadline_ms=_PATIENCE_MS,
                use_cache=False,
            )
            answer = retrieve(request)
            self.degraded += bool(answer.degraded)
            found = self._places[np.searchsorted(self._ids, answer.pool.item_ids)]
            new = found[~np.isin(found, known)][:K]
            ranking[place, : len(new)] = new
        return ranking

    def _placed(self, item_ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._places[np.searchsorted(self._ids, item_ids)].tolist())


def _record(people: HeldOut, rows: Sequence[int]) -> None:
    data, events = people.data, people.events
    made = [
        Event(
            event_id=f"cold-{row}",
            user=str(data.user_ids[events.user_index[row]]),
            item=str(data.item_ids[events.item_index[row]]),
            type=str(events.types[row]),
            value=None,
            dwell_s=None,
            occurred_at=dt.datetime.fromtimestamp(int(events.occurred_at_s[row]), dt.UTC),
        )
        for row in rows
    ]
    ensure_partitions_for(event.occurred_at for event in made if event.occurred_at)
    results = record_events(made, now=data.cutoff + dt.timedelta(days=1)) if made else []
    refused = [result for result in results if result.status == "rejected"]
    if refused:
        raise RuntimeError(f"{len(refused)} events were refused, the first as {refused[0]}.")


def popular_to_all(people: HeldOut) -> Ranking:
    """int32 [n_people, K]: what most others like, without what is shown of the person."""
    counts = np.asarray(people.data.liked.sum(axis=0)).ravel()
    order = np.argsort(-counts, kind="stable")
    ranking = np.empty((len(people.users), K), np.int32)
    for place in range(len(people.users)):
        ranking[place] = order[~np.isin(order, people.items_shown(place))][:K]
    return ranking
