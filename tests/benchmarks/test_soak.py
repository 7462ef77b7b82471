"""What the soak concludes from what it saw: growth by process, mixtures within an answer, how late a change served."""

import pytest

from benchmarks.soak.judging import growths, served_after_s
from benchmarks.soak.marks import Marks
from benchmarks.soak.moves import Move, Plan
from benchmarks.soak.traffic import Sighting
from benchmarks.soak.watching import Life, ends

MARKS = Marks(
    {1: frozenset({"collaborative", "content"}), 2: frozenset({"fresh"})}, {10: 0, 11: 1}, last_item=100
)
MOVES = [Move(99.5, 100.0, "mix", 2), Move(119.0, 120.0, "mix", 1), Move(109.9, 110.0, "model", 11)]


def answer(mix: int, model: int, *candidates: tuple[str, str]) -> dict[str, object]:
    listed = [{"item_id": item, "sources": [{"name": source}]} for item, source in candidates]
    return {"versions": {"mix": mix, "model": model}, "candidates": listed}


@pytest.mark.parametrize(
    ("given", "contradictions"),
    [
        (answer(1, 10, ("item-00000004", "collaborative"), ("item-00000005", "content")), 0),
        (answer(1, 10, ("item-00000004", "fresh")), 1),
        (answer(1, 11, ("item-00000004", "collaborative")), 1),
        (answer(1, 11, ("new-4", "collaborative"), ("item-00000102", "collaborative")), 0),
        (answer(3, 10), 1),
    ],
    ids=[
        "all of one",
        "a source of the other mix",
        "an item of the other version",
        "later items",
        "no such mix",
    ],
)
def test_an_answer_contradicts_itself_by_what_only_the_other_has(given, contradictions):
    assert len(MARKS.contradictions(given)) == contradictions


@pytest.mark.parametrize(
    ("seen", "late_s"),
    [
        (Sighting(99.0, 99.1, mix=1, model=10), 0.0),
        (Sighting(100.8, 100.9, mix=1, model=10), 0.8),
        (Sighting(105.0, 105.1, mix=2, model=10), 0.0),
        (Sighting(118.5, 119.2, mix=1, model=10), 0.0),
    ],
    ids=["before any change", "still the old one", "the new one", "published while it was answered"],
)
def test_a_change_serves_late_by_the_last_request_that_got_what_was_before(seen, late_s):
    assert served_after_s([seen], MOVES, "mix") == pytest.approx(late_s)


def test_growth_is_that_of_processes_that_lived_through_the_time_and_spikes_do_not_count():
    through = Life("web", [float(at) for at in range(100)], [100.0] * 50 + [500.0] + [110.0] * 49)
    replaced = Life("web", [float(at) for at in range(30)], [100.0] * 30)

    beside = Life("beat", [float(at) for at in range(100)], [100.0] * 100)

    of_beat, of_web, of_all = growths([through, replaced, beside], 0.0, 99.0)

    assert (of_beat.share, of_web.share) == (0.0, pytest.approx(0.1))
    assert (of_all.role, of_all.share) == ("all", pytest.approx(0.05))


def test_a_run_too_short_to_compare_ends_says_so():
    with pytest.raises(ValueError, match="run for longer"):
        ends([1.0] * 9)


@pytest.mark.parametrize("minutes", [3, 20])
def test_what_loads_late_and_opens_with_a_crowd_does_so_before_growth_is_measured(minutes):
    plan = Plan(60.0 * minutes)
    early, since = plan.restarts_at_s[0], plan.steady_s[0]

    came_at = {what: [at for at, step in plan.steps() if step == what] for what in ("tasks", "crowd")}

    assert all(early < at < since for times in came_at.values() for at in times)
    assert len(came_at["tasks"]) == 1
