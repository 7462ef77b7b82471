"""Replays of a few events in the world of films."""

import datetime as dt

import pytest

from catalog.events import Event
from catalog.models import Interaction
from retrieval import trending
from retrieval.evaluation.replay import Chore, Moment, ReplayBroken, replay
from retrieval.mixes import DEFAULT_BODY, create_revision
from retrieval.types import Request
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def world():
    made = movie_world()
    trending.rebuild(NOW)
    return made


def moment(user: str, item: str, minutes: int, *, counted: bool = True, kind: str = "click") -> Moment:
    at = NOW + minutes * MINUTE
    event = Event(f"{user}-{item}-{minutes}", user, item, kind, None, None, at)
    return Moment(event, at, counted)


def replies(*moments: Moment, chores: list[Chore] | None = None) -> list[tuple[int, tuple[str, ...]]]:
    """(rank, sources) of each counted moment, where only what trends is offered and nothing is filled up."""
    body = {"sources": [{"name": "trending", "quota": 1000, "limit_ms": 10_000}], "fill": []}
    revision = create_revision(body, note="only what trends").number
    request = Request(user="", k=100, now=NOW, mix_revision=revision, use_cache=False, deadline_ms=60_000)
    return [(reply.rank, reply.sources) for (reply,) in replay(moments, [request], chores=chores or [])]


def test_what_trends_is_a_hit_with_its_rank_and_source():
    # Amelie was shared 3 hours ago: first of all that dan could see.
    assert replies(moment("dan", "amelie", 1)) == [(1, ("trending",))]


def test_an_event_does_not_help_to_find_itself():
    assert replies(moment("dan", "notebook", 1)) == [(0, ())]


def test_an_event_helps_whoever_comes_after_it():
    found = replies(moment("cat", "notebook", 1, counted=False, kind="share"), moment("dan", "notebook", 2))

    assert found == [(1, ("trending",))]


def test_what_a_user_has_is_not_found_again():
    assert replies(moment("dan", "amelie", 1), moment("dan", "amelie", 2))[1] == (0, ())


def test_every_event_has_happened_in_the_end():
    before = Interaction.objects.count()

    replies(moment("dan", "amelie", 1), moment("dan", "heat", 2, counted=False))

    assert Interaction.objects.count() == before + 2


def test_people_and_items_that_nobody_knew_are_made():
    found = replies(moment("eve", "sequel", 1, kind="share"), moment("dan", "sequel", 2))

    assert found == [(0, ()), (1, ("trending",))]


def test_chores_run_when_they_are_due_on_the_replays_clock():
    ran = []
    chore = Chore(ran.append, every=10 * MINUTE)

    replies(*(moment("dan", "amelie", minutes) for minutes in (0, 9, 10, 12, 25)), chores=[chore])

    assert ran == [NOW + 10 * MINUTE, NOW + 25 * MINUTE]


def test_a_chore_for_new_items_rests_until_there_is_one():
    ran = []
    chore = Chore(ran.append, every=10 * MINUTE, for_new_items=True)

    replies(
        moment("dan", "amelie", 0),
        moment("dan", "heat", 10),  # the first time that it is due: whatever is new by then
        moment("dan", "fargo", 20),
        moment("dan", "sequel", 21),
        moment("dan", "alien", 30),
        chores=[chore],
    )

    assert ran == [NOW + 10 * MINUTE, NOW + 30 * MINUTE]


def test_time_that_runs_backwards_is_refused():
    with pytest.raises(ReplayBroken, match="comes after"):
        replies(moment("dan", "amelie", 2), moment("dan", "heat", 1))


def test_an_event_that_is_refused_ends_the_replay():
    with pytest.raises(ReplayBroken, match="type"):
        replies(moment("dan", "amelie", 1, counted=False, kind="stare"), moment("dan", "heat", 2))


def test_the_default_mix_can_be_replayed():
    revision = create_revision(DEFAULT_BODY, note="as shipped").number
    request = Request(user="", k=100, now=NOW, mix_revision=revision, use_cache=False, deadline_ms=60_000)

    ((reply,),) = replay([moment("dan", "amelie", 1)], [request])

    assert reply.rank > 0


def test_two_mixes_are_asked_at_the_same_moments():
    revisions = [
        create_revision(
            {"sources": [{"name": name, "quota": 9, "limit_ms": 10_000}], "fill": []}, note=name
        ).number
        for name in ("trending", "fresh")
    ]
    requests = [
        Request(user="", k=100, now=NOW, mix_revision=number, use_cache=False, deadline_ms=60_000)
        for number in revisions
    ]

    (both,) = replay([moment("dan", "amelie", 1)], requests)

    # Amelie trends most; the notebook is newer.
    assert [(reply.rank, reply.sources) for reply in both] == [(1, ("trending",)), (2, ("fresh",))]
