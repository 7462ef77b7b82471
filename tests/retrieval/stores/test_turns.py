"""Several who ask Postgres in one thread: each of these would wait for ever if the others had no turn meanwhile."""

from contextvars import ContextVar
from functools import partial

import psycopg
import pytest

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.turns import by_turns, takes_turns, undisturbed
from retrieval.types import SourceTimeout
from tests.retrieval.stores.database import url_of_this_run

_HELD = 7_301
_WAIT_FOR_IT = f"SELECT 'had it' FROM (SELECT pg_advisory_xact_lock_shared({_HELD})) AS waited"
name = ContextVar("name", default="")


@pytest.fixture
def lock(pool_of_two):
    """Somebody else holds what `_WAIT_FOR_IT` waits for, until `lock()` is called."""
    with psycopg.connect(url_of_this_run(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_HELD])
        yield lambda: other.execute("SELECT pg_advisory_unlock(%s)", [_HELD])


def soon() -> Deadline:
    return Deadline.after_ms(5_000)


def waiting() -> str:
    [(said,)] = ask(_WAIT_FOR_IT, [], soon())
    return said


def test_while_one_waits_the_next_has_its_turn_and_results_keep_the_order_of_the_jobs(lock):
    def release() -> str:
        lock()
        return "let go"

    assert by_turns([waiting, release]) == ["had it", "let go"]


def test_who_finds_no_connection_free_lets_those_who_have_them_go_on(lock):
    def ask_something() -> str:
        # Both connections of the pool belong to those who wait; this one has its turn all the same.
        released.append(lock())
        [(said,)] = ask("SELECT 'asked'", [], soon())
        return said

    released: list[object] = []

    assert by_turns([waiting, waiting, ask_something]) == ["had it", "had it", "asked"]


def test_what_one_raises_is_raised_when_all_have_ended(pool_of_two):
    ended: list[str] = []

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        by_turns([fails, partial(ended.append, "the other")])
    assert ended == ["the other"]


def test_a_deadline_ends_one_and_not_the_other(lock):
    def in_a_hurry() -> str:
        try:
            ask(_WAIT_FOR_IT, [], Deadline.after_ms(50))
        except SourceTimeout:
            lock()
            return "gave up"
        return "was not stopped"

    assert by_turns([waiting, in_a_hurry]) == ["had it", "gave up"]


def test_each_has_context_variables_of_its_own(pool_of_two):
    def named(own: str) -> tuple[str, str]:
        before = name.get()
        name.set(own)
        ask("SELECT 1", [], soon())
        return before, name.get()

    name.set("the request's")

    assert by_turns([partial(named, "a"), partial(named, "b")]) == [
        ("the request's", "a"),
        ("the request's", "b"),
    ]
    assert name.get() == "the request's"


def test_nobody_else_has_a_turn_where_one_may_not_be_disturbed(pool_of_two):
    order: list[str] = []

    def alone() -> None:
        with undisturbed():
            ask("SELECT pg_sleep(0.01)::text", [], soon())
        order.append("alone")

    by_turns([alone, partial(order.append, "the next")])

    assert order == ["alone", "the next"]


def test_outside_of_turns_waiting_is_just_waiting(pool_of_two):
    assert not takes_turns()
    assert ask("SELECT 1", [], soon()) == [(1,)]
    assert by_turns([takes_turns, takes_turns]) == [True, True]
    assert by_turns([partial(by_turns, [lambda: "within"])]) == [["within"]]
    assert not takes_turns()
