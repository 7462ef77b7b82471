"""Serves a small catalogue and runs schemathesis on it: `python -m benchmarks.fuzz.serve COMMAND [OPTION…]`, in the
environment of `benchmarks.scratch`."""

import os
import subprocess
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where run-time data lies
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from api.models import ApiKey, Scope  # noqa: E402
from benchmarks.servers import serving  # noqa: E402
from catalog.events import Event, record_events  # noqa: E402
from catalog.writing import ItemFields, UserFields, put_items, put_users  # noqa: E402
from coldstart.models import Consent, Interest  # noqa: E402
from retrieval import erasing, toplists, trending  # noqa: E402
from retrieval.mixes import ensure_published  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
_ITEMS, _USERS = 400, 200  # of ids that the examples of the documentation name


def main(schemathesis: str, *options: str) -> int:
    key, receipt = prepare()
    with serving("recsys_site.wsgi:application", "/readyz") as port:
        command = [
            schemathesis,
            "--config-file",
            str(ROOT / "ops" / "schemathesis.toml"),
            "run",
            f"http://127.0.0.1:{port}/api/v1/schema?format=json",
            "--header",
            f"Authorization: Api-Key {key}",
            *options,
        ]
        environment = os.environ | {"HEADWATER_RECEIPT": receipt}
        # What it remembers of failures stays among the run-time data.
        folder = Path(settings.VAR_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def prepare() -> tuple[str, str]:
    """A small catalogue; a key for everything, and the receipt of an erasure."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    items = [
        ItemFields(external_id=str(n), title=f"Item {n}", category="Comedy", tags=("snow",), creator="42")
        for n in range(_ITEMS)
    ]
    put_items(items, now)
    put_users([UserFields(external_id=str(n)) for n in range(_USERS)], now)
    record_events(
        [Event(None, str(n % _USERS), str(n), "like", None, None, now) for n in range(_ITEMS)], now=now
    )
    for slug in ("horror", "drama-war", "comedy-1990s"):
        Interest.objects.create(slug=slug, name=slug, tags=["snow"])
    Consent.objects.create(version="2026-01", text="Yes.")
    ensure_published()
    toplists.rebuild(now)
    trending.rebuild(now)
    erasure = erasing.erase("7", by="the fuzzer", why="for its receipt", now=now)
    assert erasure is not None
    _, key = ApiKey.objects.create_key(name="fuzz", scopes=list(Scope.values))
    return str(key), str(erasure.receipt)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
