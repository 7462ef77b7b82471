"""What the audience does when nobody answers, and how it is switched off: no database, one tiny server."""

import json
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import time_machine

from demo.audience.api import Api, Door, Refused, Unreachable, read_door
from demo.audience.pacing import Pace
from demo.audience.past import gap
from demo.audience.switch import Notice, Switch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[int]]]:
    """Its address, and the statuses with which it answers, one after the other; 0: it hangs up."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status = statuses.pop(0)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", statuses
        listening.shutdown()
        thread.join()


@pytest.fixture
def api(server: tuple[str, list[int]]) -> Iterator[Api]:
    server[1].clear()
    api = Api(Door(server[0], "key"))
    yield api
    api.close()


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_busy_says_for_how_long(server, api: Api, status: int):
    server[1].append(status)

    with pytest.raises(Unreachable) as told:
        api.get("users/1/candidates")

    assert told.value.wait_s == 7


def test_a_connection_that_was_closed_meanwhile_is_made_anew(server, api: Api):
    server[1].extend([200, 0, 200])

    assert api.get("first") == api.get("second") == {}


def test_a_refusal_is_no_outage(server, api: Api):
    server[1].append(403)

    with pytest.raises(Refused, match="403"):
        api.get("users/1/candidates")


def test_without_an_entrance_nobody_is_there(tmp_path: Path):
    with pytest.raises(Unreachable):
        read_door(tmp_path / "demo.json")


def test_pauses_double_up_to_a_minute_until_one_answers():
    pace = Pace(2.0, random.Random(1))

    assert [pace.after_failure_s(0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    pace.until_next_s(0)
    assert pace.after_failure_s(0) == 1
    assert pace.after_failure_s(30) == 30


def test_the_rate_is_halved_every_five_minutes_down_to_a_twentieth():
    pace = Pace(2.0, random.Random(1))

    assert [pace.rate_per_s(s) for s in (0, 300, 600, 86_400)] == pytest.approx([2, 1, 0.5, 0.1])


def test_only_a_gap_of_an_hour_or_more_is_filled_and_two_days_at_most():
    assert gap(None, NOW) == timedelta(hours=48)
    assert gap(NOW - timedelta(days=9), NOW) == timedelta(hours=48)
    assert gap(NOW - timedelta(hours=3), NOW) == timedelta(hours=3)
    assert not gap(NOW - timedelta(minutes=59), NOW)


def test_the_switch_is_seen_by_who_runs(tmp_path: Path):
    there, elsewhere = Switch(tmp_path / "var" / "off"), Switch(tmp_path / "var" / "off")

    assert there.wanted()
    elsewhere.turn(on=False)
    assert not there.wanted()
    elsewhere.turn(on=True)
    assert there.wanted()


def test_a_notice_is_believed_for_a_minute_and_ends_with_the_audience(tmp_path: Path):
    notice = Notice(tmp_path / "audience.json")
    notice.end()
    assert notice.last_at_work() is None
    with time_machine.travel(NOW, tick=False) as clock:
        notice.beat()
        assert notice.is_on()
        clock.shift(61)
        assert not notice.is_on()
        notice.beat()
        notice.end()
        assert not notice.is_on()
        assert notice.last_at_work() == datetime.fromtimestamp(time.time(), UTC)
    assert "audience off" in " ".join(json.loads((tmp_path / "audience.json").read_text())["lines"])
