"""Fakes instead of real sources: each does one thing wrong."""

import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from retrieval.deadline import Deadline
from retrieval.runner import Call, Runner
from retrieval.source import Course
from retrieval.types import Context, Found, SourceTimeout
from tests.retrieval.request.contexts import context
from tests.retrieval.request.found import found


@dataclass
class Fine:
    name: str = "fine"
    label: str = "Fine"
    explores: bool = False
    course: Course = Course.APART
    reason: str = "it is fine"
    applies: bool = True
    answer: Found = field(default_factory=lambda: found(1, 2, 3))

    def applies_to(self, context: Context) -> bool:
        return self.applies

    def retrieve(self, context: Context, k: int) -> Found:
        return self.answer


@dataclass
class Stuck(Fine):
    """Hangs until the test lets it go."""

    name: str = "stuck"
    released: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def retrieve(self, context: Context, k: int) -> Found:
        self.entered.release()
        self.released.wait(60)
        return self.answer


@dataclass
class Raising(Fine):
    name: str = "raising"
    error: Exception = field(default_factory=lambda: ZeroDivisionError("oops"))

    def retrieve(self, context: Context, k: int) -> Found:
        raise self.error


def call(source: Fine, k: int = 10, limit_ms: int = 60_000) -> Call:
    return Call(source, k, limit_ms, {})


def outcomes(runner: Runner, *calls: Call, of: Context | None = None) -> dict[str, str]:
    _, reports = runner.run(calls, of or context(), began=time.perf_counter())
    return {report.name: report.outcome for report in reports}


@pytest.fixture(params=[0, 4], ids=["inline", "threads"])
def runner(request) -> Runner:
    return Runner(threads=request.param, calls_in_flight=2)


@pytest.fixture
def threaded() -> Runner:
    return Runner(threads=8, calls_in_flight=2)


def test_each_source_gets_a_report_in_the_order_of_the_calls(runner):
    sources = [call(Fine("b")), call(Fine("a", answer=Found.empty())), call(Fine("c", applies=False))]

    assert outcomes(runner, *sources) == {"b": "ok", "a": "empty", "c": "skipped"}


def test_a_source_that_crashes_costs_only_its_own_candidates(runner):
    what, reports = runner.run([call(Raising()), call(Fine())], context(), began=time.perf_counter())

    assert [r.outcome for r in reports] == ["error", "ok"]
    assert reports[0].detail == "ZeroDivisionError"
    assert what["fine"].item_ids.tolist() == [1, 2, 3]
    assert len(what["raising"]) == 0


def test_a_time_out_is_told_apart_from_an_error(runner):
    assert outcomes(runner, call(Raising(error=SourceTimeout("late")))) == {"raising": "timeout"}


def test_more_than_asked_for_is_cut(runner):
    what, _ = runner.run([call(Fine(), k=2)], context(), began=time.perf_counter())

    assert what["fine"].item_ids.tolist() == [1, 2]


@pytest.mark.parametrize(
    "broken",
    [
        Found(np.array([1, 1]), np.array([1, 0.5], np.float32), np.zeros(2, np.int64)),
        Found(np.array([1, 2]), np.array([0.5, 1], np.float32), np.zeros(2, np.int64)),
        Found(np.array([1, 2]), np.array([np.nan, 1], np.float32), np.zeros(2, np.int64)),
        Found(np.array([1, 2]), np.array([1], np.float32), np.zeros(2, np.int64)),
    ],
    ids=["an item twice", "worst first", "not a number", "a score missing"],
)
def test_a_source_that_breaks_its_interface_is_an_error(runner, broken):
    assert outcomes(runner, call(Fine(answer=broken))) == {"fine": "error"}


def test_nothing_is_asked_once_the_deadline_has_passed(runner):
    late = context(deadline=Deadline(time.monotonic() - 1))

    assert outcomes(runner, call(Fine()), of=late) == {"fine": "timeout"}


def test_a_stuck_source_is_left_behind_at_its_limit_and_the_others_answer(threaded):
    stuck = Stuck()

    what = outcomes(threaded, call(stuck, limit_ms=30), call(Fine()))

    assert what == {"stuck": "timeout", "fine": "ok"}
    stuck.released.set()


def test_a_source_stuck_in_all_its_calls_is_refused_at_once_and_others_are_not(threaded):
    stuck = Stuck()
    requests = [threading.Thread(target=outcomes, args=(threaded, call(stuck))) for _ in range(2)]
    for request in requests:
        request.start()
        assert stuck.entered.acquire(timeout=30)

    what = [outcomes(threaded, call(stuck), call(Fine())) for _ in range(5)]

    assert what == [{"stuck": "busy", "fine": "ok"}] * 5
    stuck.released.set()
    for request in requests:
        request.join()


def test_those_that_take_turns_run_beside_those_apart_and_each_has_its_report_in_its_place(threaded):
    calls = [
        call(Fine("next", course=Course.NEXT)),
        call(Stuck(), limit_ms=30),
        call(Raising("first", course=Course.FIRST)),
        call(Fine("apart")),
        call(Fine("silent", course=Course.NEXT, applies=False)),
    ]

    assert outcomes(threaded, *calls) == {
        "next": "ok",
        "stuck": "timeout",
        "first": "error",
        "apart": "ok",
        "silent": "skipped",
    }


def test_a_source_that_recovers_is_asked_again(threaded):
    stuck = Stuck()
    assert outcomes(threaded, call(stuck, limit_ms=30)) == {"stuck": "timeout"}

    stuck.released.set()

    assert outcomes(threaded, call(stuck), call(Fine())) == {"stuck": "ok", "fine": "ok"}


def test_a_source_that_keeps_failing_is_left_alone_and_the_others_are_not():
    runner = Runner(threads=2, calls_in_flight=2)
    fails, fine = call(Raising()), call(Fine())

    every = [outcomes(runner, fails, fine) for _ in range(12)]

    assert [one["raising"] for one in every] == ["error"] * 8 + ["busy"] * 4
    assert {one["fine"] for one in every} == {"ok"}


def test_a_request_in_a_hurry_says_nothing_of_its_sources():
    runner = Runner(threads=1, calls_in_flight=20)
    late = context(deadline=Deadline.after_ms(0))

    for _ in range(12):
        assert outcomes(runner, call(Fine()), of=late) == {"fine": "timeout"}

    assert outcomes(runner, call(Fine())) == {"fine": "ok"}
