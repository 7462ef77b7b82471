"""A backup brings everything back, or says why not and leaves what is there."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection as django_connection
from psycopg import sql

from recsys_site.backups import BackupError, dump, restore
from recsys_site.backups.tools import variables

# The mark alone makes pytest-django make the database that is copied.
pytestmark = [pytest.mark.services, pytest.mark.django_db]
EACH_TABLE = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
FILL = """
INSERT INTO catalog_creator (id, external_id, name) VALUES (1, 'ava', 'Ava');
CREATE TABLE vectors_v7 (item_id bigint PRIMARY KEY, vector halfvec(2) NOT NULL);
INSERT INTO vectors_v7 SELECT n, format('[%s,1]', n)::halfvec FROM generate_series(1, 50) n;
CREATE INDEX ON vectors_v7 USING hnsw (vector halfvec_ip_ops);
SELECT setval('catalog_creator_id_seq', 41);
"""


def url_of(name: str) -> str:
    base = str(settings.DATABASE_URL)
    begin, _, options = base.partition("?")
    return f"{begin.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")


@pytest.fixture
def empty(worker_id: str) -> Iterator[str]:
    yield from _database(f"backup_empty_{worker_id}")


@pytest.fixture
def filled(worker_id: str, tmp_path: Path, django_db_setup: None) -> Iterator[str]:
    """An installation with something in every kind of table: the tests' own, copied by a backup."""
    for url in _database(f"backup_filled_{worker_id}"):
        file = tmp_path / "tests.dump"
        dump(file, database_url=url_of(str(django_connection.settings_dict["NAME"])))
        put_back(file, url)
        with psycopg.connect(url) as connection:
            connection.execute(FILL)
        yield url


def _database(name: str) -> Iterator[str]:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield url_of(name)
        connection.execute(drop)


def put_back(file: Path, url: str, *, replace: bool = False) -> int:
    restored = restore(file, database_url=url, replace=replace, jobs=2, memory_mb=64, forget_cache=lambda: 0)
    return restored.tables


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(EACH_TABLE).fetchall()]
        rows = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1")
        return {name: connection.execute(rows.format(sql.Identifier(name))).fetchall() for name in names}


def test_an_empty_database_becomes_what_was_backed_up(filled: str, empty: str, tmp_path: Path):
    file = tmp_path / "all.dump"

    dump(file, database_url=filled)
    put_back(file, empty)

    assert contents(empty) == contents(filled)
    assert contents(empty)["catalog_creator"] != []
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT nextval('catalog_creator_id_seq')").fetchall() == [(42,)]
        assert connection.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'vectors_v7' AND indexdef LIKE '%hnsw%'"
        ).fetchall() == [(1,)]


def test_a_backup_is_its_owners_alone(filled: str, tmp_path: Path):
    file = tmp_path / "all.dump"

    size = dump(file, database_url=filled)

    assert size == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "all" in path.name] == ["all.dump"]


def test_what_is_there_is_replaced_only_on_request(filled: str, tmp_path: Path):
    file = tmp_path / "all.dump"
    dump(file, database_url=filled)
    before = contents(filled)
    with psycopg.connect(filled) as connection:
        connection.execute("DELETE FROM catalog_creator")

    with pytest.raises(BackupError, match="--replace"):
        put_back(file, filled)
    assert contents(filled)["catalog_creator"] == []

    put_back(file, filled, replace=True)
    assert contents(filled) == before


@pytest.mark.parametrize("damage", ["no backup at all", "cut short"])
def test_a_damaged_file_is_refused_before_anything_is_dropped(filled: str, tmp_path: Path, damage: str):
    file = tmp_path / "all.dump"
    dump(file, database_url=filled)
    file.write_bytes(b"id,title\n" if damage == "no backup at all" else file.read_bytes()[:2000])
    before = contents(filled)

    with pytest.raises(BackupError):
        put_back(file, filled, replace=True)

    assert contents(filled) == before


def test_nothing_of_a_database_s_address_is_on_a_command_line():
    url = "postgresql://ava:secret@db.example:5433/feed?sslmode=require"

    assert variables(url) == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "ava",
        "PGPASSWORD": "secret",
        "PGDATABASE": "feed",
        "PGSSLMODE": "require",
    }
