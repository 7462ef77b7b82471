"""Somebody always listens: while processes start, are replaced, or die."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from recsys_site.serving.vitals import HUNG_AFTER_S, Vitals

_SERVE = """
import multiprocessing
from granian.constants import Interfaces
from granian.log import LogLevels
from recsys_site.serving.server import Server
multiprocessing.set_start_method("fork")
Server("tests.site.tiny:application", port={port}, interface=Interfaces.WSGI, workers=2, blocking_threads=2,
       respawn_failed_workers=True, workers_kill_timeout=5, log_level=LogLevels.critical,
       preload=lambda: __import__("tests.site.tiny")).serve()
"""


@dataclass(frozen=True, slots=True)
class Serving:
    process: "subprocess.Popen[bytes]"
    port: int
    how_it_loads: Path

    def pid(self) -> int:
        """Of the process that answers a connection of its own."""
        return int(httpx.get(f"http://127.0.0.1:{self.port}/", timeout=100).text)

    def answered_until(self, happened: Callable[[], bool]) -> None:
        """Every request until then has an answer."""
        give_up_at = time.monotonic() + 100
        while not happened():
            assert time.monotonic() < give_up_at
            self.pid()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    how = tmp_path_factory.mktemp("tiny") / "how"
    how.write_text("0.3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", _SERVE.format(port=port)]
    process = subprocess.Popen(command, env=os.environ | {"TINY": str(how)})
    give_up_at = time.monotonic() + 100
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
    yield Serving(process, port, how)
    process.terminate()
    assert process.wait(30) == 0


def children_of(pid: int) -> set[int]:
    with suppress(FileNotFoundError):
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return {int(child) for task in tasks for child in (task / "children").read_text().split()}
    return set()


def templates(serving: Serving) -> set[int]:
    return children_of(serving.process.pid)


def children(serving: Serving) -> set[int]:
    """Those that answer: a template forks them."""
    return {pid for template in templates(serving) for pid in children_of(template)}


def test_who_comes_before_anything_is_loaded_waits_and_is_answered(serving):
    assert serving.pid() in children(serving)


def test_a_reload_replaces_every_process_and_refuses_nobody(serving):
    serving.pid()
    before = children(serving)

    serving.process.send_signal(signal.SIGHUP)

    serving.answered_until(lambda: len(now := children(serving)) == 2 and not now & before)


def test_new_code_that_does_not_load_leaves_the_old_processes_at_work(serving):
    before = {serving.pid()} | children(serving)
    serving.how_it_loads.write_text("broken")

    serving.process.send_signal(signal.SIGHUP)
    serving.answered_until(serving.how_it_loads.with_name("tried").exists)
    serving.answered_until(lambda: children(serving) == before)

    serving.how_it_loads.write_text("0.3")


def test_processes_that_are_killed_come_back_while_connections_wait(serving):
    before = children(serving)

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    serving.answered_until(lambda: len(now := children(serving)) == 2 and not now & before)


def test_a_template_that_is_killed_is_made_anew_and_what_it_forked_goes_on_until_it_ends(serving):
    (template,), orphans = templates(serving), children(serving)

    os.kill(template, signal.SIGKILL)
    assert serving.pid() in orphans
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)

    serving.answered_until(lambda: len(children(serving)) == 2)
    assert template not in templates(serving)


def test_a_process_that_was_ready_and_answers_nothing_any_more_is_hung():
    vitals = Vitals()
    far = time.monotonic() + 2 * HUNG_AFTER_S
    assert not vitals.is_hung(far)  # it is still starting

    vitals.ready()

    assert vitals.is_ready()
    assert not vitals.is_hung(time.monotonic())
    assert vitals.is_hung(far)
