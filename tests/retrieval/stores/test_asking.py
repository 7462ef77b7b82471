"""One statement, one round trip: the same answers and the same conditions as on a hot connection."""

import numpy as np
import psycopg
import pytest
from django.db import connection as django_connection

from catalog.models import Creator
from retrieval.ann import IndexUnavailable
from retrieval.ann.rows import fetch_all
from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.hot import watched_statements
from retrieval.sql import hot_connection
from retrieval.types import SourceTimeout, StoreUnavailable

pooled = pytest.mark.usefixtures("pool_of_two")


@pytest.mark.django_db
def test_without_a_pool_it_sees_what_the_open_transaction_wrote():
    Creator.objects.create(external_id="scott")

    assert ask("SELECT external_id FROM catalog_creator", [], None) == [("scott",)]


@pooled
class TestPooled:
    def test_numbers_texts_and_arrays_travel_both_ways(self):
        ids, weights = np.array([3, 1], np.int64), np.array([0.5], np.float32)

        [row] = ask(
            "SELECT %(ids)s, %(weights)s, %(name)s::text", {"ids": ids, "weights": weights, "name": "é"}, None
        )

        assert row[0].tolist() == [3, 1]
        assert (row[1].dtype, row[1].tolist()) == (np.float32, [0.5])
        assert row[2] == "é"

    def test_the_same_statement_can_be_asked_again_and_is_prepared(self):
        for number in (1, 2, 3):
            assert ask("SELECT %s::int + 1 AS again", [number], None) == [(number + 1,)]

        with hot_connection(None) as one, hot_connection(None) as other:
            names = [
                name
                for connection in (one, other)
                for (name,) in connection.execute(
                    "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%AS again%' AND name LIKE 'asked%'"
                )
            ]
        assert names

    def test_no_rows_are_an_empty_list(self):
        assert ask("SELECT 1 WHERE false", [], None) == []

    def test_it_runs_read_only_under_the_settings_and_leaves_nothing_behind(self):
        query = "SELECT current_setting('transaction_read_only'), current_setting('work_mem')"

        changed = ask(query, [], None, settings="SET LOCAL work_mem = '77kB'; SET LOCAL jit = off")

        assert changed == [("on", "77kB")]
        with hot_connection(None) as one, hot_connection(None) as other:
            for connection in (one, other):
                assert connection.execute("SELECT current_setting('work_mem')").fetchone() != ("77kB",)

    def test_writing_is_refused(self):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            ask("INSERT INTO catalog_creator (external_id, name) VALUES ('x', '')", [], None)

    def test_a_deadline_stops_the_statement_and_the_connection_goes_on(self):
        for _ in range(3):
            with pytest.raises(SourceTimeout):
                ask("SELECT pg_sleep(60)", [], Deadline.after_ms(20))

        assert ask("SELECT 1", [], Deadline.after_ms(5000)) == [(1,)]

    def test_a_deadline_that_passed_asks_nothing(self):
        with watched_statements() as statements, pytest.raises(SourceTimeout):
            ask("SELECT 1", [], Deadline.after_ms(-1))

        assert statements == []

    def test_a_failed_statement_leaves_the_connection_usable(self):
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                ask("SELECT 1 / %s", [0], None)

        assert ask("SELECT 1", [], None) == [(1,)]

    def test_a_table_that_is_gone_is_said_so_each_time(self):
        for _ in range(3):
            with pytest.raises(IndexUnavailable):
                fetch_all("gone", "SELECT * FROM gone", [], None)

    def test_connections_that_the_server_ended_are_replaced_without_an_error(self):
        with hot_connection(None) as first, hot_connection(None) as second:
            pids = [first.info.backend_pid, second.info.backend_pid]
        ask("SELECT 1", [], None)
        ask("SELECT 1", [], None)
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid, 5000)) FROM unnest(%s) AS pid", [pids])

        assert ask("SELECT 1", [], None) == [(1,)]

    def test_a_statement_that_ends_its_own_connection_is_not_asked_for_ever(self):
        with pytest.raises(StoreUnavailable):
            ask("SELECT pg_terminate_backend(pg_backend_pid())", [], None)
