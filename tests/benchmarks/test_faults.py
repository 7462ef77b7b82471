"""What breaks the product, and what judges it: a proxy that lies as told, and events compared one by one."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.clients import Attempt
from benchmarks.faults.judging import Trial, availabilities, figures_of, statuses
from benchmarks.faults.proxy import Manner, Proxy


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """Before a server that says everything back."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "server"))
    server.listen()

    def echo(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(100):
                connection.sendall(data)

    def accept() -> None:
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    proxy = Proxy(tmp_path / "door", tmp_path / "server")
    yield proxy
    proxy.close()
    server.close()


@pytest.fixture
def client(proxy: Proxy, tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(tmp_path / "door"))
        yield client


def said_back(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    return client.recv(100)


def test_what_is_plain_passes_unchanged(client):
    assert said_back(client, b"hello") == b"hello"


def test_garbage_is_as_long_as_the_answer_and_another(proxy, client):
    with proxy.passing(Manner.GARBAGE):
        lie = said_back(client, b"the truth")

    assert len(lie) == len(b"the truth")
    assert lie != b"the truth"
    assert said_back(client, b"hello") == b"hello"


def test_what_was_held_arrives_once_it_is_healed(proxy, client):
    assert said_back(client, b"before") == b"before"
    with proxy.passing(Manner.HELD):
        client.sendall(b"patience")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(100)
        client.settimeout(20)

    assert client.recv(100) == b"patience"


def test_a_reset_ends_old_connections_and_new_ones(proxy, client, tmp_path):
    assert said_back(client, b"before") == b"before"
    with proxy.passing(Manner.RESET), socket.socket(socket.AF_UNIX) as new:
        new.connect(str(tmp_path / "door"))
        assert ends(client)
        assert ends(new)


def ends(connection: socket.socket) -> bool:
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def attempt(kind: str, status: int, *, retry_after: bool = False) -> Attempt:
    return Attempt(kind, 0.0, 10.0, status, retry_after, (), 1, "" if status else "TimeoutError")


ATTEMPTS = [
    attempt("known", 200),
    attempt("event", 503, retry_after=True),
    attempt("stranger", 503, retry_after=True),
    attempt("event", 503),
    attempt("known", 0),
]


@pytest.mark.parametrize(("without_postgres", "unexpected"), [(True, 2), (False, 3)])
def test_only_an_event_without_postgres_may_be_put_off_and_only_with_a_time(without_postgres, unexpected):
    trial = Trial("case", ATTEMPTS, 1.0, without_postgres, acknowledged=3, lost=1, stored_twice=0)
    values = {figure.metric: figure.value for figure in figures_of(trial, [attempt("known", 200)])}

    assert (values["unexpected_5xx"], values["unanswered"]) == (unexpected, 1)
    assert (values["acknowledged_lost"], values["added_p99_ms"]) == (1, 0)
    of_all, _ = availabilities([trial], [])
    assert of_all.value == pytest.approx((5 - unexpected - 1) / 5)


def test_only_candidates_that_reached_a_process_could_have_been_answered():
    refused = Attempt("known", 0.0, 1.0, 0, False, (), 0, "ConnectionRefusedError")
    trial = Trial("case", [*ATTEMPTS, refused], 1.0, True, acknowledged=0, lost=0, stored_twice=0)

    _, of_answerable = availabilities([trial], [])

    # One answered; one refused by a process and one that waited in vain, but not who found nobody.
    assert (of_answerable.n, of_answerable.value) == (3, pytest.approx(1 / 3))


def test_what_clients_got_is_said_with_the_most_frequent_first():
    assert statuses(ATTEMPTS) == "3 × 503, 1 × 200, 1 × TimeoutError"
