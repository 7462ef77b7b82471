"""Postgres goes away under a running server, and comes back."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_UNIX
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connection

from api.models import ApiKey
from tests.api.films import served_world
from tests.api.serving import Served, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

_NAME = ".s.PGSQL.5432"
EVENT = {"event_id": "e1", "user_id": "ann", "item_id": "alien", "type": "click"}


@pytest.fixture
def socket() -> Path:
    folder = parse_qs(urlsplit(settings.DATABASE_URL).query).get("host")
    if not folder:
        pytest.skip("The test's Postgres is not reached by a socket.")
    return Path(folder[0]) / _NAME


@contextmanager
def served_by_way_of(door: Path, key: str) -> Iterator[Served]:
    """A server whose connections to Postgres go through that link, and say so."""
    database = connection.settings_dict["NAME"]
    url = f"postgresql://postgres@/{database}?host={door.parent}&application_name=by_way"
    with serving(door.parent, key, DATABASE_URL=url) as it:
        yield it


def shut(door: Path) -> None:
    """Nobody gets in any more, and who is in is put out."""
    door.unlink()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'by_way'"
        )


def test_what_is_popular_is_served_while_postgres_is_away_and_all_is_well_once_it_is_back(make_key, socket):
    served_world()
    with tempfile.TemporaryDirectory(prefix="hw") as folder:
        door = Path(folder) / _NAME
        door.symlink_to(socket)
        with served_by_way_of(door, make_key("admin")) as served:
            # "ann" has liked some films; the process has met "bob" never.
            before = until(lambda: asked(served, "ann"), lambda body: not body["degraded"])

            shut(door)
            hers = asked(served, "ann")
            away = [asked(served, user, surface="other") for user in ("ann", "bob", "ann")]
            ready = served.client.get("/readyz")
            none = served.client.get("/api/v1/users/bob/candidates", params={"sources": "collaborative"})
            refused = served.client.post("/api/v1/events", json=EVENT)
            served.kill_cache()
            neither = asked(served, "bob")

            served.start_cache()
            door.symlink_to(socket)
            after = until(lambda: asked(served, "ann"), lambda body: not body["degraded"])

    assert before["known_user"]
    # What was ready for her is hers still, and says so.
    assert hers["cache"]["ready"]
    assert hers["degraded"] == ["postgres"]
    assert hers["item_ids"] == before["item_ids"]
    for body in (*away, neither):
        assert "postgres" in body["degraded"]
        assert body["item_ids"]
        assert not body["known_user"]
    # A load balancer leaves it where it is.
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    # An event that can't be kept is not acknowledged, and single sources are not somebody else's.
    assert {none.status_code, refused.status_code} == {503}
    assert refused.headers["retry-after"]
    assert after["known_user"]
    assert set(after["item_ids"]) == set(before["item_ids"])


def test_a_process_that_is_forked_without_postgres_knows_the_keys_and_what_is_popular(make_key, socket):
    served_world()
    reading, revoked = make_key("read"), make_key("read")
    with tempfile.TemporaryDirectory(prefix="hw") as folder:
        door = Path(folder) / _NAME
        door.symlink_to(socket)
        with served_by_way_of(door, make_key("admin")) as served:
            template = served.template()
            tasks = Path(f"/proc/{template.pid}/task")
            threads = [(task / "comm").read_text().strip() for task in tasks.iterdir()]
            opened = template.net_connections("all")
            left = served.folder / "var" / "last-known"
            while not (left / "floor").exists():
                time.sleep(0.05)
            written = (left / "keys").stat().st_mtime_ns
            ApiKey.objects.filter(prefix=revoked.partition(".")[0]).update(revoked=True)
            while (left / "keys").stat().st_mtime_ns == written:
                time.sleep(0.05)

            shut(door)
            served.kill_web()
            hers = asked(served, "ann")
            ready = served.client.get("/readyz")
            may_not = served.client.post("/api/v1/events", json=EVENT, headers=sent(reading))
            may = served.client.post("/api/v1/events", json=EVENT)
            no_more = served.client.get("/api/v1/users/ann/candidates", headers=sent(revoked))
            never = served.client.get("/api/v1/users/ann/candidates", headers=sent("nobodys." + "x" * 32))

            door.symlink_to(socket)
            after = until(lambda: asked(served, "ann"), lambda body: not body["degraded"])

    # What forks has nothing that a fork would break: one thread but for an allocator's, and no connection but that
    # to the first process, and the socket that all inherit.
    assert len([name for name in threads if not name.startswith("jemalloc")]) == 1
    assert [(one.family.name, one.status) for one in opened if one.family != AF_UNIX] == [
        ("AF_INET", "LISTEN")
    ]
    assert len(opened) == 2
    assert "postgres" in hers["degraded"]
    assert hers["item_ids"]
    assert "lost" not in hers["item_ids"]
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert may_not.status_code == 403
    # Whose they are Postgres will tell, and so it will keep events.
    for answer in (may, no_more, never):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert after["known_user"]


def sent(key: str) -> dict[str, str]:
    return {"authorization": f"Api-Key {key}"}


def asked(served: Served, user: str, **more: str) -> dict[str, Any]:
    response: httpx.Response = served.client.get(
        f"/api/v1/users/{user}/candidates", params={"fields": "ids", **more}
    )
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def until(ask: Callable[[], dict[str, Any]], well: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    return next(body for body in iter(ask, None) if well(body))
