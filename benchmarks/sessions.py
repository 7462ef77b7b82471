"""Sessions of people whom nobody knows: the first items of a session are shown, the rest of it is to be found, as of
that moment and knowing only what others did before."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.datasets import DataSet, MissingData, read_table
from benchmarks.product import patient
from benchmarks.quality import Measured
from benchmarks.replaying import chores, has_replay, path_of, read_replay
from catalog.events import Event
from catalog.partitions import ensure_partitions_for
from retrieval.ann import forget_vectors
from retrieval.evaluation.replay import Chore
from retrieval.ingest import ingest
from retrieval.mixes import create_revision
from retrieval.mixes.mix import SESSION_BODY
from retrieval.models import ModelVersion, remember
from retrieval.offline import sequencing
from retrieval.offline.arrays import read_snapshot
from retrieval.offline.snapshot import folder_of, write_snapshot
from retrieval.sequence import sequence_encoder_of
from retrieval.service import retrieve
from retrieval.types import Request, SessionEvent

DEPTHS = (20, 100)
SHOWN = 3
ALONE = ("co_watch", "sequence", "co_engagement", "content", "trending")
MIXES: Mapping[str, dict[str, Any]] = {"sessions": SESSION_BODY}
# Of news a model is soon of the past. A product trains it every night.
_TRAINED_EVERY = dt.timedelta(days=28)
# How fast what is popular fades, in hours; None: never.
RULES: Mapping[str, float | None] = {"popularity": None, "popularity, 24 h": 24.0, "popularity, 6 h": 6.0}
_DEADLINE_MS = 100_000


@dataclass(frozen=True, slots=True)
class Question:
    """known: places of the session's first events, up to that of its third item; wanted: external ids."""

    session: str
    known: Sequence[int]
    wanted: frozenset[str]


def questions_of(
    events: Sequence[Event], sessions: Sequence[str], *, after: dt.datetime, shown: int = SHOWN
) -> list[Question]:
    """Of each session that begins after that moment and has more than `shown` items. events: in order of time."""
    places: dict[str, list[int]] = {}
    for place, session in enumerate(sessions):
        places.setdefault(session, []).append(place)
    found = []
    for session, its in places.items():
        items = list(dict.fromkeys(events[place].item for place in its))
        if len(items) > shown and _at(events[its[0]]) > after:
            end = next(n for n, place in enumerate(its) if events[place].item == items[shown - 1])
            found.append(Question(session, its[: end + 1], frozenset(items[shown:])))
    return sorted(found, key=lambda one: one.known[-1])


def measure(data: DataSet) -> tuple[int, list[Measured]]:
    """(how many sessions; the figures of baselines, of sources alone and of the mix for sessions). The product holds
    train already, and afterwards more. Raises MissingData."""
    events, sessions = _read(data)
    trained_until = dt.datetime.fromtimestamp(int(data.train.occurred_at_s.max()), dt.UTC)
    questions = questions_of(events, sessions, after=trained_until)
    plain = {**patient(SESSION_BODY), "caps": {}, "fill": []}
    alone = create_revision(plain, note="For a source alone.", name="sessions").number
    asked: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {
        ("source", name): (alone, (name,)) for name in ALONE
    }
    for name, body in MIXES.items():
        mix = create_revision(patient(body), note="For sessions, without haste.", name="sessions")
        asked["merged", name] = (mix.number, ())
    recalls: dict[tuple[str, str], list[list[float]]] = {("baseline", rule): [] for rule in RULES}
    recalls |= {case: [] for case in asked}
    moments = _moments(events, sessions, questions, trained_until)
    for question, now in track(moments, total=len(questions), description="sessions"):
        had = {events[place].item for place in question.known}
        lists = {
            ("baseline", rule): _popular(events, question.known[-1], had, fade)
            for rule, fade in RULES.items()
        }
        for case, (revision, sources) in asked.items():
            lists[case] = _answer(question, events, now, revision, sources)
        for case, found in lists.items():
            recalls[case].append(
                [len(question.wanted & set(found[:k])) / len(question.wanted) for k in DEPTHS]
            )
    return len(questions), [
        Measured(
            suite,
            case,
            dict(zip((f"session_recall@{k}" for k in DEPTHS), np.mean(rows, axis=0).tolist(), strict=True)),
        )
        for (suite, case), rows in recalls.items()
    ]


def _read(data: DataSet) -> tuple[list[Event], list[str]]:
    if not has_replay(data):
        raise MissingData(f"{data.name} has no replay.csv.gz: sessions are read from it.")
    table = read_table(path_of(data))
    if "session_id" not in table.column_names:
        raise MissingData(f"{data.name}: replay.csv.gz has no column session_id.")
    return read_replay(data)[1], [str(session) for session in table["session_id"].to_pylist()]


def _moments(
    events: Sequence[Event], sessions: Sequence[str], questions: Sequence[Question], after: dt.datetime
) -> Iterator[tuple[Question, dt.datetime]]:
    """Each question when all has happened that came before it, but its own session: nobody knows who that is."""
    ensure_partitions_for({_at(event).replace(day=1) for event in events if _at(event) > after})
    open_, happened = list[int](), 0
    timetable = [*chores(), Chore(_train_anew, every=_TRAINED_EVERY)]
    for question in questions:
        now = _at(events[question.known[-1]])
        open_ += [place for place in range(happened, question.known[-1] + 1) if _at(events[place]) > after]
        happened = max(happened, question.known[-1] + 1)
        own = [place for place in open_ if sessions[place] == question.session]
        others = [place for place in open_ if sessions[place] != question.session]
        results = ingest([events[place] for place in others], now=now, create_missing=True) if others else []
        if refused := [one for one in results if one.status == "rejected"]:
            raise MissingData(f"{len(refused)} events were refused, the first as {refused[0]}.")
        for chore in timetable:
            chore.tick(now, newest_item=max((one.item_id for one in results), default=0))
        open_ = own
        yield question, now


def _train_anew(now: dt.datetime) -> None:
    """The live version's sequence model, from all that happened before `now`."""
    version = ModelVersion.objects.get(state=ModelVersion.State.LIVE)
    folder = folder_of(version.id).with_name(f"{version.id}-{now:%Y-%m-%d}")
    write_snapshot(now, folder)
    remember(version.id, "sequencing", sequencing.learn_sequences(read_snapshot(folder), version))
    forget_vectors()
    sequence_encoder_of.cache_clear()


def _answer(
    question: Question, events: Sequence[Event], now: dt.datetime, revision: int, sources: tuple[str, ...]
) -> list[str]:
    shown = [events[place] for place in question.known]
    answer = retrieve(
        Request(
            user="",
            k=max(DEPTHS),
            now=now,
            surface="sessions",
            session=tuple(SessionEvent(one.item, one.type, _at(one)) for one in shown),
            sources=sources,
            mix_revision=revision,
            deadline_ms=_DEADLINE_MS,
            use_cache=False,
        )
    )
    names = dict(zip(answer.facts.item_ids.tolist(), answer.facts.external_ids, strict=True))
    return [names[item_id] for item_id in answer.pool.item_ids.tolist()]


def _popular(events: Sequence[Event], place: int, had: set[str], fade_h: float | None) -> list[str]:
    """By the events before that place, each of which counts e times less after `fade_h` hours."""
    now, scores = _at(events[place]), dict[str, float]()
    for event in events[:place]:
        age_h = (now - _at(event)).total_seconds() / 3600
        scores[event.item] = scores.get(event.item, 0.0) + (
            1.0 if fade_h is None else float(np.exp(-age_h / fade_h))
        )
    best = sorted(scores, key=lambda item: -scores[item])
    return [item for item in best[: max(DEPTHS) + len(had)] if item not in had]


def _at(event: Event) -> dt.datetime:
    assert event.occurred_at is not None
    return event.occurred_at
