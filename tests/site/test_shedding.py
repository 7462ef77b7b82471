"""A process that has all it can answer refuses the rest at once, and lets go of a Postgres that hangs."""

import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from recsys_site.letting_go import Watch, letting_go
from recsys_site.shedding import BY_HEART, shedding
from retrieval.bounded import left_unanswered


class Busy:
    """An application whose answers wait until they are told to go."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"].startswith("/slow"):
            self.inside.release()
            assert self.go.wait(30)
        start_response("200 OK", [])
        return [b"fine"]


def ask(application: Any, path: str) -> tuple[str, dict[str, str]]:
    said: list[Any] = []
    list(application({"PATH_INFO": path}, lambda status, headers: said.extend([status, dict(headers)])))
    return said[0], said[1]


def test_beyond_its_seats_requests_are_refused_and_health_is_still_said():
    busy = Busy()
    application = shedding(busy, seats=2, patience_s=0)
    slow = [threading.Thread(target=ask, args=(application, "/slow/candidates")) for _ in range(2)]
    for thread in slow:
        thread.start()
        assert busy.inside.acquire(timeout=30)

    status, headers = ask(application, "/api/v1/events")
    alive, _ = ask(application, "/livez")
    busy.go.set()
    for thread in slow:
        thread.join()
    later, _ = ask(application, "/api/v1/events")

    assert status.startswith("503")
    assert headers["Retry-After"]
    assert headers["Content-Type"] == "application/problem+json"
    assert alive == later == "200 OK"


def test_what_waited_for_a_process_to_start_is_answered_and_more_than_it_can_answer_is_refused_later():
    busy, now, looked = Busy(), 0.0, threading.Semaphore(0)

    def clock() -> float:
        looked.release()
        return now

    application = shedding(busy, seats=1, patience_s=0, starting_s=3, clock=clock, cpu_s=lambda: now)
    said: list[str] = []
    waited = [
        threading.Thread(target=lambda: said.append(ask(application, "/slow/candidates")[0]))
        for _ in range(4)
    ]
    waited[0].start()
    assert busy.inside.acquire(timeout=30)
    while looked.acquire(blocking=False):
        pass
    for thread in waited[1:]:
        thread.start()
    # Each has looked how busy the process is, and whether it is starting.
    assert all(looked.acquire(timeout=30) for _ in (*waited[1:], *waited[1:]))

    now = 3.0
    later, _ = ask(application, "/api/v1/users/196/candidates")
    busy.go.set()
    for thread in waited:
        thread.join()

    assert said == ["200 OK"] * 4
    assert later.startswith("503")


def test_once_a_request_finds_a_free_seat_the_process_has_started():
    busy, now = Busy(), 0.0
    application = shedding(busy, seats=1, patience_s=0, starting_s=10, clock=lambda: now, cpu_s=lambda: now)
    ask(application, "/first/candidates")
    now = 1.0
    ask(application, "/second/candidates")
    slow = threading.Thread(target=ask, args=(application, "/slow/candidates"))
    slow.start()
    assert busy.inside.acquire(timeout=30)

    status, _ = ask(application, "/third/candidates")
    busy.go.set()
    slow.join()

    assert status.startswith("503")


def test_what_waits_for_postgres_leaves_half_of_the_seats_to_candidates():
    busy = Busy()
    application = shedding(busy, seats=2, patience_s=0)
    writes = threading.Thread(target=ask, args=(application, "/slow/events"))
    writes.start()
    assert busy.inside.acquire(timeout=30)

    another, _ = ask(application, "/api/v1/events")
    candidates, _ = ask(application, "/api/v1/users/196/candidates")
    busy.go.set()
    writes.join()

    assert another.startswith("503")
    assert candidates == "200 OK"


@pytest.mark.parametrize(
    ("path", "used_s", "status"),
    [
        ("/api/v1/users/196/candidates", 0.1, "200 OK"),
        ("/api/v1/users/196/candidates", 0.9, "503 Service Unavailable"),
        ("/api/v1/events", 0.1, "503 Service Unavailable"),
    ],
    ids=["candidates of an idle process", "candidates of a busy one", "anything else"],
)
def test_who_finds_no_seat_is_answered_by_heart_while_the_process_has_little_to_do(path, used_s, status):
    busy, now, used = Busy(), 0.0, 0.0
    seen: list[bool] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(BY_HEART in environ)
        return busy(environ, start_response)

    crowded = shedding(application, seats=1, patience_s=0, clock=lambda: now, cpu_s=lambda: used)
    slow = threading.Thread(target=ask, args=(crowded, "/slow/candidates"))
    slow.start()
    assert busy.inside.acquire(timeout=30)
    now, used = 1.0, used_s

    said, _ = ask(crowded, path)
    busy.go.set()
    slow.join()

    assert said == status
    assert seen == [False, True] if status == "200 OK" else [False]


def test_by_heart_is_without_waiting_for_postgres():
    asked: list[bool] = []

    def application(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        asked.append(left_unanswered())
        return []

    patient = letting_go(application)
    patient({"PATH_INFO": "/api/v1/users/196/candidates", BY_HEART: True}, None)
    patient({"PATH_INFO": "/api/v1/users/196/candidates"}, None)

    assert asked == [True, False]


def test_candidates_wait_twice_as_long_for_a_seat_as_all_else(monkeypatch):
    waited: list[float] = []

    class Taken(threading.BoundedSemaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
            if blocking and timeout is not None:
                waited.append(timeout)
                return False
            return super().acquire(blocking)

    monkeypatch.setattr("recsys_site.shedding.threading.BoundedSemaphore", Taken)
    busy = Busy()
    application = shedding(busy, seats=2, patience_s=1.0)
    slow = [threading.Thread(target=ask, args=(application, "/slow/candidates")) for _ in range(2)]
    for thread in slow:
        thread.start()
        assert busy.inside.acquire(timeout=30)

    ask(application, "/api/v1/events")
    ask(application, "/api/v1/users/196/candidates")
    busy.go.set()
    for thread in slow:
        thread.join()

    assert waited == [1.0, 2.0]


def test_a_seat_is_free_again_where_its_request_failed():
    def fails(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError

    application = shedding(fails, seats=1, patience_s=0)
    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011
            ask(application, "/")


def test_the_connection_of_a_late_request_is_ended_and_no_other():
    now = 0.0
    watch = Watch(clock=lambda: now)
    (ours, theirs), (kept, its) = socket.socketpair(), socket.socketpair()
    late, punctual = (
        SimpleNamespace(connection=SimpleNamespace(pgconn=SimpleNamespace(socket=end.fileno())))
        for end in (ours, kept)
    )
    watch.begins(late, at_most_s=1)
    watch.begins(punctual, at_most_s=10)
    over = watch.begins(late, at_most_s=0)
    watch.ends(over)
    now = 2.0

    assert watch.look() == 1

    assert theirs.recv(1) == b""  # the end of it
    its.setblocking(False)
    with pytest.raises(BlockingIOError):
        its.recv(1)
    for end in (ours, theirs, kept, its):
        end.close()
