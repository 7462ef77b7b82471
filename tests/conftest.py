"""Every test runs against real servers: the embedded ones, unless DATABASE_URL and REDIS_URL name others."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if settings.USES_EMBEDDED_SERVICES:
        from recsys_site.embedded.services import start_services

        start_services(Path(settings.VAR_DIR))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever empties the tables comes last: what migrations put there is gone afterwards.

    pytest-django sees to that, but pytest then puts tests together that share a browser.
    """
    items.sort(key=lambda item: "transactional_db" in getattr(item, "fixturenames", ()) or _empties(item))


def _empties(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return marker is not None and bool(marker.kwargs.get("transaction"))


@pytest.fixture(autouse=True)
def _patience_of_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What gives up after some tenths of a second does so because Postgres hangs; here a core was busy elsewhere."""
    from retrieval import afterwards, hot, ready, sql

    for module, name in (
        (hot, "HASTE_S"),
        (hot, "CONNECTS_WITHIN_S"),
        (sql, "HASTE_S"),
        (sql, "CONNECTS_WITHIN_S"),
        (sql, "_FAREWELL_S"),
        (afterwards, "_PATIENCE_S"),
    ):
        monkeypatch.setattr(module, name, 30.0)
    monkeypatch.setattr(ready._VERSIONS, "_timeout_ms", 30_000)


@pytest.fixture(autouse=True)
def _no_model_from_another_test() -> None:
    from retrieval.ann import forget_vectors
    from retrieval.breakers import POSTGRES
    from retrieval.related import forget_related
    from retrieval.versions import forget_live_model

    POSTGRES.succeeded()
    forget_live_model()
    forget_vectors()
    forget_related()


@pytest.fixture
def snapshots_dir(tmp_path: Path) -> Iterator[Path]:
    """Snapshots of vectors lie here, and those of a running demo are left alone."""
    from retrieval.config import overridden

    with overridden(vector_snapshots_dir=str(tmp_path)):
        yield tmp_path


@pytest.fixture(autouse=True)
def _no_facts_from_another_test() -> None:
    from retrieval.facts import forget_facts

    forget_facts()


@pytest.fixture(autouse=True)
def _no_new_items_from_another_test() -> None:
    from experiments.running import forget_running
    from retrieval.newcomers import forget_newcomers
    from retrieval.shares import forget_policies

    forget_running()
    forget_newcomers()
    forget_policies()


@pytest.fixture(autouse=True)
def _no_lists_from_another_test() -> None:
    from coldstart.interests import forget_interests
    from retrieval.drawing import forget_catalogue
    from retrieval.sources.demographic import forget_cells
    from retrieval.toplists import forget_kept
    from retrieval.trending import forget_copy

    forget_copy()
    forget_kept()
    forget_catalogue()
    forget_cells()
    forget_interests()


@pytest.fixture(scope="session")
def _cache_server() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def _leave_the_cache_as_it_was(_cache_server: redis.Redis) -> Iterator[None]:
    """Removes what the test wrote, and nothing else: a running demo may share the server."""
    yield
    if keys := list(_cache_server.scan_iter(f"{settings.TEST_KEY_PREFIX}*", count=10_000)):
        _cache_server.unlink(*keys)


@pytest.fixture(autouse=True)
def _event_types_of_this_test_only() -> Iterator[None]:
    """A type that a test adds must not live on in the process after its transaction is rolled back."""
    from catalog.event_types import forget_event_types

    forget_event_types()
    yield
    forget_event_types()


@pytest.fixture(autouse=True)
def _whole_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Django's emptying of the tables around `transaction=True` takes or leaves by mistake."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    from catalog.models import EventType

    types = import_module("catalog.migrations.0002_partitioned_interactions").TYPES
    EventType.objects.bulk_create(
        (EventType(id=i, name=name, weight=weight) for i, (name, weight) in enumerate(types, 1)),
        ignore_conflicts=True,
    )
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalog_interaction, coldstart_impression, retrieval_sharedraw")
