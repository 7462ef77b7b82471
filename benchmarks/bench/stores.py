"""Servers and databases of the bench's own, under `var/bench`: nothing that it does reaches the demo's.

A database that is complete says in its comment what it was made from; the next run finds it and starts at once.
"""

import hashlib
import os
from pathlib import Path

import psycopg
from psycopg import sql

from recsys_site.embedded.addresses import embedded_addresses
from recsys_site.embedded.services import start_services, stop_services
from recsys_site.sizes import index_build_mb

_SOURCES = ("world.py", "people.py", "stocking.py", "versions.py", "copying.py")


def bench_folder(var_dir: Path) -> Path:
    return var_dir / "bench"


def start(folder: Path) -> None:
    start_services(folder)


def stop(folder: Path) -> None:
    stop_services(folder)


def environment(folder: Path, name: str) -> dict[str, str]:
    """The variables under which the product works on the database of that name."""
    addresses = embedded_addresses(folder)
    return {
        **os.environ,
        "DATABASE_URL": addresses.database_url.replace("/headwater?", f"/{_database(name)}?"),
        "REDIS_URL": addresses.cache_url,
        "BROKER_URL": addresses.broker_url,
        "REDIS_KEY_PREFIX": f"bench:{name}:",
        "VAR_DIR": str(folder / name),
        "INDEX_BUILD_MB": os.environ.get("INDEX_BUILD_MB", str(index_build_mb())),
    }


def is_made(folder: Path, name: str) -> bool:
    """Whether there is a complete database of that name, made from the same code and migrations as now."""
    with _admin(folder) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [_database(name)],
        ).fetchone()
    return row is not None and row[0] == _fingerprint()


def is_there(folder: Path, name: str) -> bool:
    """Whether there is a complete database of that name, whatever it was made from."""
    with _admin(folder) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [_database(name)],
        ).fetchone()
    return row is not None and bool(row[0])


def copy(folder: Path, name: str, to: str) -> None:
    """In place of what was there; nobody may be connected to the first."""
    old, new = sql.Identifier(_database(name)), sql.Identifier(_database(to))
    with _admin(folder) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(new, old))


def make_empty(folder: Path, name: str) -> None:
    """In place of what was there."""
    database = sql.Identifier(_database(name))
    with _admin(folder) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))


def drop(folder: Path, name: str) -> None:
    with _admin(folder) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_database(name)))
        )


def mark_made(folder: Path, name: str) -> None:
    with _admin(folder) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(_database(name)), sql.Literal(_fingerprint())
            )
        )


def _fingerprint() -> str:
    """Of what makes the rows, and of the migrations that make the tables."""
    here = Path(__file__).parent
    root = here.parent.parent
    files = [here / name for name in _SOURCES]
    for migrations in sorted(root.glob("*/migrations")):
        files += sorted(migrations.glob("0*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _database(name: str) -> str:
    return f"bench_{name}"


def _admin(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    url = embedded_addresses(folder).database_url.replace("/headwater?", "/postgres?")
    return psycopg.connect(url, autocommit=True)
