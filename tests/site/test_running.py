"""`make run` and `make stop` in a folder of their own: all of it starts, all of it ends."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from recsys_site.embedded.services import NAMES, services_status
from recsys_site.running import group

# The mark alone: tests with a database come first, and a run should not end with the longest of all.
pytestmark = [pytest.mark.services, pytest.mark.timeout(240), pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    var_dir: Path
    port: int

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        variables = {"VAR_DIR": str(self.var_dir), "PORT": str(self.port), "DEMO": "0", "WEB_WORKERS": "1"}
        # Not the tests' own prefix, nor anything else that says this is a test.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=inherited | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=180)
        return process.returncode, output

    def status_of(self, path: str) -> int:
        entrance = json.loads((self.var_dir / "demo.json").read_text())
        request = Request(entrance["url"] + path, headers={"Authorization": f"Api-Key {entrance['api_key']}"})
        with urlopen(request, timeout=20) as response:
            return int(response.status)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    here = Installation(tmp_path / "var", port)
    yield here
    here.run("down")


def test_detached_it_answers_until_it_is_stopped(installation: Installation):
    code, output = installation.run("up", "--detach")

    assert code == 0, output
    assert f"http://127.0.0.1:{installation.port}/inspector/" in output
    demo_file = installation.var_dir / "demo.json"
    assert stat.S_IMODE(demo_file.stat().st_mode) == 0o600
    assert installation.status_of("/readyz") == 200
    assert installation.status_of("/api/v1/users/nobody/candidates") == 200

    assert not any("audience" in process.cmdline() for process in group.members(installation.var_dir))

    entrance = demo_file.read_text()
    code, output = installation.run("up", "--detach")
    assert code == 0, output
    assert demo_file.read_text() == entrance

    code, output = installation.run("up")
    assert code != 0
    assert "already runs" in output

    assert installation.run("down")[0] == 0
    assert group.members(installation.var_dir) == []
    assert services_status(installation.var_dir) == dict.fromkeys(NAMES, False)
    assert "Nothing was running" in installation.run("down")[1]


def test_stopping_finds_what_a_killed_honcho_left_behind(installation: Installation):
    code, output = installation.run("up", "--detach")
    assert code == 0, output
    honcho = min(group.members(installation.var_dir), key=psutil.Process.create_time)
    honcho.kill()

    assert "web, worker and beat" in installation.run("down")[1]

    assert group.members(installation.var_dir) == []


def test_an_interrupt_ends_everything(installation: Installation):
    with installation.start("up") as process:
        assert process.stdout is not None
        assert any("Headwater is ready" in line for line in process.stdout), "it ended before it was ready"

        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert group.members(installation.var_dir) == []
    assert services_status(installation.var_dir) == dict.fromkeys(NAMES, False)


def test_a_taken_port_is_named_with_the_variable_that_changes_it(installation: Installation):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", installation.port))
        squatter.listen()

        code, output = installation.run("up", "--detach")

    assert code != 0
    assert f"Port {installation.port} of 127.0.0.1 is taken" in output
    assert "make run PORT=" in output
