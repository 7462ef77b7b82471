"""The statement of a round trip, on a real server that may go away or take its time."""

import pytest

from retrieval.prepared import Prepared
from retrieval.sql import hot_connection
from retrieval.types import SourceTimeout, StoreUnavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sleeper(pool_of_two):
    """Sleeps as many seconds as it is told; then its server process."""
    statement = Prepared("SELECT pg_sleep($1::float8)::text, pg_backend_pid()", timeout_ms=2000)
    yield statement
    statement.forget()


def pid(statement: Prepared, seconds: bytes = b"0") -> int:
    with statement.asked(seconds) as answering:
        return int.from_bytes(answering.row()[1], "big")


def test_a_connection_is_used_again(sleeper):
    assert pid(sleeper) == pid(sleeper)


def test_two_who_ask_at_once_have_a_connection_each(sleeper):
    with sleeper.asked(b"0") as one, sleeper.asked(b"0") as other:
        assert one.row()[1] != other.row()[1]


def test_a_statement_that_takes_too_long_is_stopped_and_its_connection_kept(sleeper):
    before = pid(sleeper)
    with pytest.raises(SourceTimeout):
        pid(sleeper, b"5")

    assert pid(sleeper) == before


def test_an_answer_that_nobody_reads_is_not_the_next_ones(sleeper):
    with sleeper.asked(b"0.1"):
        pass

    with sleeper.asked(b"0") as answering:
        assert len(answering.row()) == 2


def test_a_connection_that_died_while_idle_is_replaced(sleeper):
    before = pid(sleeper)
    with hot_connection(None) as raw:
        raw.execute("SELECT pg_terminate_backend(%s, 5000)", [before])

    assert pid(sleeper) != before


def test_a_connection_that_dies_under_a_question_is_an_outage(pool_of_two):
    suicidal = Prepared("SELECT pg_terminate_backend(pg_backend_pid())", timeout_ms=5000)

    with pytest.raises(StoreUnavailable), suicidal.asked() as answering:
        answering.row()
    suicidal.forget()


def test_it_can_only_read(pool_of_two):
    writer = Prepared("SELECT nextval('catalog_item_id_seq')", timeout_ms=5000)

    with pytest.raises(StoreUnavailable, match="read-only"), writer.asked() as answering:
        answering.row()
    writer.forget()
