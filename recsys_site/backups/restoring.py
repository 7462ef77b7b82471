"""From a backup's file to an installation that serves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from recsys_site.backups.tools import BackupError, run

_TABLES = """
SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""
_MAGIC = b"PGDMP"


@dataclass(frozen=True, slots=True)
class Restored:
    """tables: how many the database has now; forgotten: keys of the cache that were of what was here before."""

    tables: int
    forgotten: int


def restore(
    file: Path,
    *,
    database_url: str,
    replace: bool,
    jobs: int,
    memory_mb: int,
    forget_cache: Callable[[], int],
) -> Restored:
    """What was restored, all of it or nothing: where anything fails the database is left empty. Raises BackupError
    where the file is no backup, or the database is not empty and `replace` was not said.

    memory_mb: what each of the `jobs` may use to build an index. forget_cache: removes what the cache has of this
    installation: its values are of versions that are given out anew.
    """
    _must_be_a_backup(file)
    with psycopg.connect(database_url, autocommit=True) as connection:
        server = connection.info.server_version // 10_000
        # Reads the whole list of contents: a file that was cut short is told before anything is dropped.
        run("pg_restore", ["--list", str(file)], database_url=database_url, server=server)
        if _tables(connection) and not replace:
            raise BackupError(
                "The database is not empty: name an empty one in DATABASE_URL, or say --replace."
            )
        _empty(connection)
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET maintenance_work_mem = {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(f"{memory_mb}MB")
            )
        )
        options = ["--exit-on-error", "--no-owner", "--no-privileges", f"--jobs={jobs}"]
        name = connection.info.dbname
        try:
            run(
                "pg_restore",
                [*options, f"--dbname={name}", str(file)],
                database_url=database_url,
                server=server,
            )
        except BackupError:
            _empty(connection)  # half of an installation would look like one
            raise
        finally:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RESET maintenance_work_mem").format(sql.Identifier(name))
            )
        connection.execute("ANALYZE")
        return Restored(tables=_tables(connection), forgotten=forget_cache())


def _must_be_a_backup(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_MAGIC))
    except OSError as error:
        raise BackupError(f"{file} can't be read: {error.strerror}.") from error
    if begins != _MAGIC:
        raise BackupError(f"{file} is no backup: `manage.py backup` writes pg_dump's custom format.")


def _tables(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    row = connection.execute(_TABLES).fetchone()
    assert row is not None
    return int(str(row[0]))


def _empty(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("DROP EXTENSION IF EXISTS vector CASCADE")
    connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
    connection.execute("CREATE SCHEMA public")
