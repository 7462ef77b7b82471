"""Each alert is silent while all is well, and speaks once what it is about has really happened."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from api import standing
from api.authentication import verified_keys
from api.models import ApiKey
from catalog.partitions import ensure_partitions
from coldstart.impressions import logging as impressions
from coldstart.models import RollUp
from recsys_site.settings import BASE_DIR
from recsys_site.shedding import shedding
from retrieval.ann import sampling
from retrieval.breakers import Breaker
from retrieval.models import LivePointer, ModelVersion
from retrieval.sources.trending import Trending
from tests.api.films import served_world
from tests.catalog.test_partitions import insert_event
from tests.site.promql import Scrape, holds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db
_APART_S = 60.0
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for rule in yaml.safe_load((Path(BASE_DIR) / "ops" / "alerts.yml").read_text())["groups"][0]["rules"]
}
RUNBOOK = (Path(BASE_DIR) / "docs" / "runbook.md").read_text()


class Watched:
    """Prometheus, as far as our rules go: scrapes a minute apart."""

    def __init__(self) -> None:
        self.at_s = timezone.now().timestamp()
        self.backup_at_s: float | None = self.at_s
        self._scrapes = [self._scrape()]

    def alerts_after(self, happening: Callable[[], object]) -> set[str]:
        before = self._scrape()
        happening()
        self.at_s += _APART_S
        scrapes = [before, self._scrape()]
        return {name for name, rule in RULES.items() if holds(rule["expr"], scrapes)}

    def _scrape(self) -> Scrape:
        standing.forget_standing()
        header = f"Bearer {settings.METRICS_TOKEN}"
        text = Client().get("/metrics", headers={"authorization": header}).content.decode()
        if self.backup_at_s is not None:
            own = CollectorRegistry()
            Gauge("headwater_backup_finished_seconds", "x", registry=own).set(self.backup_at_s)
            text += generate_latest(own).decode()
        return Scrape.of(text, at_s=self.at_s)


@pytest.fixture
def site() -> Iterator[Client]:
    verified_keys.cache_clear()
    served_world()
    ensure_partitions(NOW)
    _, key = ApiKey.objects.create_key(name="x", scopes=["admin"])
    RollUp.objects.update_or_create(id=1, defaults={"counted_until": timezone.now()})
    yield Client(headers={"authorization": f"Api-Key {key}"})
    standing.forget_standing()


@pytest.fixture
def watched(site: Client) -> Watched:
    ask(site)
    return Watched()


def ask(site: Client, *, times: int = 1, k: int = 3) -> None:
    for _ in range(times):
        # Without the cache: each is an answer of its own.
        answer = site.get(f"/api/v1/users/ann/candidates?k={k}&sources=trending&deadline_ms=9000")
        assert answer.status_code == 200, answer.content


def test_all_is_well_and_nothing_is_said(site, watched, monkeypatch):
    monkeypatch.setattr("time.perf_counter", lambda: 1.0)  # a busy machine is no slow answer
    assert watched.alerts_after(lambda: ask(site, times=5)) == set()


def test_short_answers(site, watched):
    assert "HeadwaterShortAnswers" in watched.alerts_after(lambda: ask(site, times=3, k=500))


def test_a_source_that_is_slow_and_fails(site, watched, monkeypatch):
    def slow_and_broken(*_: object) -> None:
        threading.Event().wait(0.26)
        raise RuntimeError("broken")

    monkeypatch.setattr(Trending, "retrieve", slow_and_broken)
    fired = watched.alerts_after(lambda: ask(site, times=8))

    assert fired >= {
        "HeadwaterSlowAnswers",
        "HeadwaterDegradedAnswers",
        "HeadwaterSourceFails",
        "HeadwaterLatencyBurnsFast",
        "HeadwaterLatencyBurns",
        "HeadwaterBreakerOpen",  # eight in a row
    }


def test_one_that_stays_away_is_told_of_for_as_long(watched):
    breaker = Breaker("cache")
    watched.alerts_after(lambda: [breaker.failed("gone") for _ in range(3)])
    later = watched.alerts_after(lambda: breaker.failed("still gone"))
    well = watched.alerts_after(breaker.succeeded)

    assert "HeadwaterBreakerOpen" in later, "though it opens no more than once"
    assert "HeadwaterBreakerOpen" not in well


def test_errors_and_refusals_spend_the_budget(site, watched, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("api.candidates.views.retrieve", broken)
    site.raise_request_exception = False
    fired = watched.alerts_after(lambda: site.get("/api/v1/users/ann/candidates"))
    assert fired >= {"HeadwaterAvailabilityBurnsFast", "HeadwaterAvailabilityBurns"}


def test_a_crowd(watched):
    entered, go = threading.Event(), threading.Event()

    def slow(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        entered.set()
        assert go.wait(30)
        return [b""]

    crowded = shedding(slow, seats=1, patience_s=0)
    environ = {"PATH_INFO": "/"}

    def crowd() -> None:
        first = threading.Thread(target=crowded, args=(environ, lambda *_: None))
        first.start()
        assert entered.wait(30)
        for _ in range(10):
            crowded(environ, lambda *_: None)
        go.set()
        first.join()

    assert watched.alerts_after(crowd) >= {"HeadwaterSheds", "HeadwaterAvailabilityBurnsFast"}


def test_impressions_that_postgres_refuses(watched):
    answered: Any = SimpleNamespace(rows=[SimpleNamespace(key=("no number", "r", 1))], at=timezone.now())

    assert "HeadwaterImpressionsLost" in watched.alerts_after(lambda: impressions.write([answered]))


def test_an_index_that_finds_half(watched):
    watched.alerts_after(lambda: sampling._export("pgvector", 10, 10))

    assert "HeadwaterRecallLow" in watched.alerts_after(lambda: sampling._export("pgvector", 5, 10))


def silent_worker() -> None:
    RollUp.objects.update(counted_until=timezone.now() - timedelta(minutes=6))


def old_model() -> None:
    version = ModelVersion.objects.create(state="live", cutoff=timezone.now() - timedelta(days=4))
    LivePointer.objects.create(version=version)


@pytest.mark.parametrize(
    ("happening", "alert"), [(silent_worker, "HeadwaterBackgroundSilent"), (old_model, "HeadwaterModelStale")]
)
def test_what_stands_still(watched, happening, alert):
    assert alert in watched.alerts_after(happening)


def test_rows_that_no_month_takes(watched):
    fired = watched.alerts_after(lambda: insert_event("late", datetime(1997, 9, 22, tzinfo=UTC)))

    assert "HeadwaterDefaultPartition" in fired


def test_a_disk_nearly_full(watched, monkeypatch):
    usage = SimpleNamespace(total=100, used=95, free=5)

    def fill() -> None:
        monkeypatch.setattr("api.standing.shutil.disk_usage", lambda _: usage)

    assert "HeadwaterDiskFull" in watched.alerts_after(fill)


@pytest.mark.parametrize("age_h", [None, 27])
def test_a_backup_that_is_missing_or_old(watched, age_h):
    def age() -> None:
        watched.backup_at_s = None if age_h is None else watched.at_s - age_h * 3600

    assert watched.alerts_after(age) == {"HeadwaterBackupOld"}


def test_nothing_that_is_scraped():
    empty = [Scrape.of("", at_s=0), Scrape.of("", at_s=60)]

    assert holds(RULES["HeadwaterNotScraped"]["expr"], empty)


def test_every_alert_is_provoked_here_and_has_its_page():
    tests = Path(__file__).read_text()

    assert [name for name in RULES if f'"{name}"' not in tests] == []
    for name, rule in RULES.items():
        page = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
        assert page, f"docs/runbook.md has no section {name}"
        for part in ("Means", "Clients see", "Look", "Do", "Over"):
            assert f"**{part}.**" in page[1], f"{name} does not say: {part}"
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"
