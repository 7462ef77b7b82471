"""The examples for production start what the Procfile starts, by variables that exist, with no secret filled in."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from recsys_site.settings import BASE_DIR
from retrieval.readiness import Readiness

ROOT = Path(BASE_DIR)
UNITS = sorted((ROOT / "ops/systemd").glob("*.service"))
PROCESSES = {"web", "worker", "trainer", "beat"}
HEALTH = runpy.run_path(str(ROOT / "ops/is_ready.py"))
_READ = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\"""")
_REQUIRED = re.compile(r"""env\.\w+\("([A-Z_]+)", development=""")


def commands_of_the_procfile() -> dict[str, str]:
    """Each process's command without the loop that starts it again: that is the supervisor's."""
    lines = (line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    return {name: line.removeprefix("until ").split("; do", 1)[0] for name, line in lines}


def variables_read() -> set[str]:
    sources = "\n".join(path.read_text() for path in (ROOT / "recsys_site").rglob("*.py"))
    return set(_READ.findall(sources)) | {"DJANGO_ENV", "WORKER_PROCESSES"}


def required() -> set[str]:
    return set(_REQUIRED.findall((ROOT / "recsys_site/settings.py").read_text()))


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "ops/compose.yml").read_text())["services"]
    return found


def lines_of(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def set_by(unit: Path) -> dict[str, str]:
    words = " ".join(lines_of(unit, "Environment")).split()
    return dict(word.split("=", 1) for word in words)


def test_the_units_start_what_the_procfile_starts():
    commands = commands_of_the_procfile()
    assert {unit.stem.removeprefix("headwater-") for unit in UNITS} == PROCESSES
    for unit in UNITS:
        (line,) = lines_of(unit, "ExecStart")
        started = line.removeprefix("/opt/headwater/.venv/bin/").replace("%%", "%")
        # systemd knows no defaults: the unit sets it.
        expected = commands[unit.stem.removeprefix("headwater-")].replace(":-1}", "}")
        assert started == expected
    assert set_by(ROOT / "ops/systemd/headwater-worker.service")["WORKER_PROCESSES"] == "1"


def test_the_containers_start_what_the_procfile_starts_after_one_migration():
    commands = commands_of_the_procfile()
    assert set(services()) == PROCESSES | {"migrate"}
    for name in PROCESSES:
        assert services()[name]["command"] == commands[name]
        assert services()[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services()["migrate"]["restart"] == "no"


def test_every_variable_that_they_set_is_one_that_is_read():
    of_units = {name for unit in UNITS for name in set_by(unit)}
    of_containers = {name for service in services().values() for name in service["environment"]}
    assert {"DJANGO_ENV", "VAR_DIR", "PROMETHEUS_MULTIPROC_DIR"} <= of_units
    assert (of_units | of_containers) - variables_read() == set()


def test_what_production_requires_comes_from_outside_and_has_no_default():
    assert {"SECRET_KEY", "METRICS_TOKEN", "DATABASE_URL", "REDIS_URL", "BROKER_URL"} <= required()
    for service in services().values():
        for name in required():
            assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+\}}", service["environment"][name])
    for unit in UNITS:
        assert set_by(unit).keys() & required() == set()
        assert lines_of(unit, "EnvironmentFile") == ["/etc/headwater/environment"]
    assert not any(name in (ROOT / "ops/Dockerfile").read_text() for name in required())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_units(tmp_path):
    for unit in UNITS:
        # Programs that are here, because those of the example are not.
        here = unit.read_text().replace("/opt/headwater/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(here)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.glob("*.service")))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    of_ours = [line for line in found.stderr.splitlines() if "headwater-" in line]
    assert (found.returncode, of_ours) == (0, []), found.stderr


def test_the_health_check_believes_nothing_but_a_200(live_server, monkeypatch):
    port = int(live_server.url.rsplit(":", 1)[1])
    monkeypatch.setattr("api.health.readiness", lambda: Readiness({"mix": "ok"}))
    assert HEALTH["is_ready"](port, "testserver")
    assert not HEALTH["is_ready"](port, "unknown.example")  # Django answers 400

    monkeypatch.setattr("api.health.readiness", lambda: Readiness({"mix": "none is published"}))
    assert not HEALTH["is_ready"](port, "testserver")


def test_the_health_check_calls_itself_what_django_allows():
    allowed_host = HEALTH["allowed_host"]
    assert allowed_host("recommend.example, other.example") == "recommend.example"
    assert allowed_host(".example") == "example"
    assert allowed_host("*") == "localhost"
