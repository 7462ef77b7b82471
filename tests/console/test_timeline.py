import pytest

from console.inspector.timeline import Timeline, timeline
from retrieval.types import SourceReport
from tests.console.answers import an_answer


def bars(shown: Timeline) -> dict[str, tuple[float, float]]:
    return {bar.label: (bar.x, bar.width) for bar in shown.stages}


def test_stages_follow_each_other_in_percent_of_the_whole() -> None:
    shown = timeline(an_answer())
    # 20 ms in all, of which 2 went by before the first measured stage.
    assert bars(shown) == {
        "Read the context": (10, 10),
        "Look in the cache": (20, 5),
        "Ask the sources": (25, 60),
        "Filter": (85, 15),
    }


def test_sources_stand_where_they_began_side_by_side() -> None:
    left, right = timeline(an_answer()).sources
    assert (left.bar.x, left.bar.width) == (20, 50)
    assert (right.bar.x, right.bar.width) == (20, 20)


def test_a_source_that_outlived_the_request_stretches_the_clock() -> None:
    late = SourceReport("left", "timeout", asked=5, found=0, ms=36.0, started_ms=4.0)
    shown = timeline(an_answer(reports=(late,)))
    assert shown.sources[0].bar.x + shown.sources[0].bar.width == 100
    assert shown.stages[0].width == 5


def test_a_source_asked_again_or_after_the_filters_belongs_to_the_fill_round() -> None:
    reports = (
        SourceReport("left", "ok", asked=5, found=5, ms=5.0, started_ms=1.0),
        SourceReport("left", "ok", asked=5, found=5, ms=5.0, started_ms=10.0),
        SourceReport("late", "ok", asked=5, found=5, ms=5.0, started_ms=10.0),
    )
    timings = {"sources": 7.0, "filters": 2.0, "fill": 11.0, "total": 20.0}
    shown = timeline(an_answer(reports=reports, timings_ms=timings))
    assert [row.round for row in shown.sources] == ["", "fill", "fill"]


@pytest.mark.parametrize(
    ("outcome", "word"), [("ok", "good"), ("empty", ""), ("timeout", "bad"), ("busy", "bad")]
)
def test_an_outcome_has_its_color(outcome: str, word: str) -> None:
    report = SourceReport("left", outcome, asked=5, found=0, ms=1.0)
    assert timeline(an_answer(reports=(report,))).sources[0].word == word


@pytest.mark.parametrize("total", [0.0, 0.3, 7.0, 20.0, 99.0, 1234.0])
def test_the_axis_has_at_most_six_round_moments_within_the_clock(total: float) -> None:
    ticks = timeline(an_answer(reports=(), timings_ms={"total": total})).ticks
    assert ticks[0].ms == 0
    assert len(ticks) <= 6
    assert all(0 <= tick.x <= 100 for tick in ticks)


def test_bars_never_leave_the_drawing() -> None:
    report = SourceReport("left", "ok", asked=1, found=1, ms=0.0, started_ms=20.0)
    bar = timeline(an_answer(reports=(report,))).sources[0].bar
    assert bar.x + bar.width <= 100
    assert bar.width > 0
