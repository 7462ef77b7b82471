import os
import threading
from dataclasses import replace

import psycopg
import pytest
from django.db import connection as django_connection

from catalog.models import Creator
from retrieval import sql
from retrieval.deadline import Deadline
from retrieval.hot import HotConnection, watched_statements
from retrieval.sql import hot_connection
from retrieval.types import SourceTimeout, StoreUnavailable


def setting(connection: psycopg.Connection, name: str) -> str:
    (value,) = connection.execute("SELECT current_setting(%s)", [name]).fetchall()
    return str(value[0])


@pytest.mark.django_db
class TestSharedWithDjango:
    def test_it_sees_what_the_open_transaction_wrote(self):
        Creator.objects.create(external_id="scott")

        with hot_connection(None) as connection:
            row = connection.execute("SELECT external_id FROM catalog_creator").fetchone()

        assert row == ("scott",)

    def test_it_leaves_nothing_behind_on_djangos_connection(self):
        with hot_connection(Deadline.after_ms(5000)) as connection:
            assert setting(connection, "statement_timeout") != "0"

        with django_connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)
        Creator.objects.create(external_id="writing works again")

    def test_a_failed_statement_leaves_the_transaction_usable(self):
        with pytest.raises(psycopg.errors.DivisionByZero), hot_connection(None) as connection:
            connection.execute("SELECT 1 / 0")

        assert Creator.objects.count() == 0

    def test_writing_is_refused(self):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), hot_connection(None) as connection:
            connection.execute("INSERT INTO catalog_creator (external_id, name) VALUES ('x', '')")


@pytest.mark.usefixtures("pool_of_two")
class TestPool:
    def test_statements_run_in_binary_with_custom_plans_in_a_read_only_transaction(self):
        with hot_connection(None) as connection:
            assert setting(connection, "plan_cache_mode") == "force_custom_plan"
            assert setting(connection, "jit") == "off"
            assert setting(connection, "transaction_read_only") == "on"
            assert connection.execute("SELECT 1").format == psycopg.pq.Format.BINARY

    def test_the_deadline_is_the_statement_timeout(self):
        with pytest.raises(SourceTimeout), hot_connection(Deadline.after_ms(30)) as connection:
            connection.execute("SELECT pg_sleep(60)")

    def test_a_cancelled_statement_gives_its_connection_back(self):
        for _ in range(3):
            with pytest.raises(SourceTimeout), hot_connection(Deadline.after_ms(20)) as connection:
                connection.execute("SELECT pg_sleep(60)")

        with hot_connection(Deadline.after_ms(5000)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_an_exhausted_pool_ends_at_the_deadline(self):
        with (
            hot_connection(None),
            hot_connection(None),
            pytest.raises(SourceTimeout),
            hot_connection(Deadline.after_ms(30)),
        ):
            pytest.fail("the pool has two connections")

    def test_threads_never_share_a_connection(self):
        pids: list[int] = []
        both_are_in = threading.Barrier(2, timeout=30)

        def ask() -> None:
            with hot_connection(None) as connection:
                both_are_in.wait()
                pids.append(connection.info.backend_pid)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(set(pids)) == 2

    def test_connections_that_the_server_ended_are_replaced_without_an_error(self):
        with hot_connection(None) as first, hot_connection(None) as second:
            pids = [first.info.backend_pid, second.info.backend_pid]
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid, 5000)) FROM unnest(%s) AS pid", [pids])

        with hot_connection(None) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_a_connection_that_dies_in_use_is_said_to_be_the_stores_fault(self):
        with pytest.raises(StoreUnavailable), hot_connection(None) as connection:
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def test_a_child_process_gets_connections_of_its_own(self):
        with hot_connection(None) as connection:
            parents = connection.info.backend_pid
        reads, writes = os.pipe()

        child = os.fork()
        if child == 0:
            with hot_connection(None) as connection:
                os.write(writes, str(connection.info.backend_pid).encode())
            os._exit(0)
        os.waitpid(child, 0)

        assert int(os.read(reads, 100)) != parents
        with hot_connection(None) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.django_db
class TestDeadline:
    def test_a_deadline_that_passed_asks_nothing(self):
        with (
            watched_statements() as statements,
            pytest.raises(SourceTimeout),
            hot_connection(Deadline.after_ms(-1)) as connection,
        ):
            connection.execute("SELECT 1")

        assert statements == []

    def test_statements_can_be_watched(self):
        with watched_statements() as statements, hot_connection(None) as connection:
            connection.execute("SELECT 1")
            connection.execute("SELECT %s::int", [2])

        assert statements == ["SELECT 1", "SELECT %s::int"]


def test_a_refused_connection_is_remembered_until_one_succeeds(pool_of_two, monkeypatch, tmp_path):
    here = pool_of_two
    away = replace(here, database_url=f"postgresql://postgres@/nothing?host={tmp_path}")
    monkeypatch.setattr(sql, "config", lambda: away)
    sql.forget_pool()
    with pytest.raises(StoreUnavailable), hot_connection(Deadline.after_ms(2_000)):
        pytest.fail("there is no server")
    assert HotConnection.refused

    monkeypatch.setattr(sql, "config", lambda: here)
    sql.forget_pool()
    with hot_connection(None) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not HotConnection.refused
