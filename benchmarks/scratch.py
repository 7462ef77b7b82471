"""A database of its own for each data set that is evaluated: never the demo's, made anew by each run."""

import os
import re
import shutil
from pathlib import Path

import psycopg
from django.conf import settings  # noqa: TID251  which servers there are
from psycopg import sql

from recsys_site.embedded.services import start_services


def scratch_environment(name: str) -> dict[str, str]:
    """The variables under which the product serves from an empty database `headwater_evaluate_<name>` on the
    configured server, with its files and its keys in the cache apart from everything else."""
    if settings.USES_EMBEDDED_SERVICES:
        start_services(Path(settings.VAR_DIR))
    slug = re.sub(r"\W+", "_", name.lower())
    database = f"headwater_evaluate_{slug}"
    var_dir = Path(settings.VAR_DIR) / "evaluate" / slug
    shutil.rmtree(var_dir, ignore_errors=True)
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        # Nothing here must outlive a power cut, and a replay commits before each of its requests.
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(database))
        )
    return {
        **os.environ,
        "DATABASE_URL": _with_database(settings.DATABASE_URL, database),
        "REDIS_URL": settings.REDIS_URL,
        "BROKER_URL": settings.BROKER_URL,
        "REDIS_KEY_PREFIX": f"evaluate:{slug}:",
        "VAR_DIR": str(var_dir),
        # In turn, without threads: what is measured here is quality.
        "SOURCE_THREADS": "0",
        "REDIS_TIMEOUT_MS": "5000",
        # Of a survey that asks about one interest after the other, a single yes is an answer.
        "INTERESTS_LEAST": "1",
        # Every item is compared, of 40,000 with 512 dimensions too; what a graph would lose is a figure of its own.
        "VECTORS_CACHE_MB": "192",
    }


def _with_database(url: str, database: str) -> str:
    """The URL with another database on the same server."""
    address, _, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/{database}" + (f"?{options}" if options else "")
