"""What has to be there before the processes start; every step is safe to repeat."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from catalog.models import Item, User
from recsys_site.embedded.services import start_services
from retrieval import trending
from retrieval.mixes import ensure_published

Say = Callable[[str], None]


def prepare(var_dir: Path, *, root: Path, embedded: bool, with_demo: bool, say: Say) -> None:
    """Servers, tables, a published mix, and on embedded servers the demo's data and vectors."""
    if embedded:
        with _step("Starting Postgres, the cache and the broker", say):
            start_services(var_dir)
    with _step("Migrating the database", say):
        call_command("migrate", verbosity=0, interactive=False)
    (var_dir / "static").mkdir(parents=True, exist_ok=True)
    if embedded and with_demo and _wants_demo(var_dir):
        with _step("Preparing the demo", say):
            _demo(root, say)
    ensure_published()
    with _step("Rebuilding trending in the cache", say):
        # The cache starts empty every time; the schedule's first turn is five minutes away.
        trending.rebuild(timezone.now())


def _wants_demo(var_dir: Path) -> bool:
    """An empty catalog gets it; a demo from an earlier day is kept fresh; data of your own is left alone."""
    return has_demo(var_dir) or not (Item.objects.exists() or User.objects.exists())


def has_demo(var_dir: Path) -> bool:
    """Whether what is loaded is the demo's data."""
    return (var_dir / "demo-notice.json").exists()


def _demo(root: Path, say: Say) -> None:
    # A process of its own: training leaves hundreds of megabytes behind.
    quiet = {"LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore"} | os.environ
    done = subprocess.run([sys.executable, "manage.py", "demo"], cwd=root, env=quiet, check=False)
    if done.returncode:
        say("    The demo is not complete, for the reason above; the product starts with what there is.")


@contextmanager
def _step(title: str, say: Say) -> Iterator[None]:
    say(f"==> {title}")
    began = time.monotonic()
    yield
    say(f"    {time.monotonic() - began:.1f} s")
