"""Each line of what needs attention, provoked; and a world in order, of which nothing is said."""

from datetime import timedelta

import numpy as np
import pytest
import time_machine
from django.test import Client

from catalog.models import ImportRun
from coldstart.models import RollUp
from console.attention import attention, background, data, experimenting, serving
from experiments.models import Change, Totals
from experiments.statistics import COLUMNS
from retrieval import readiness as ready
from retrieval import trending, valkey
from retrieval.mixes import create_revision, ensure_published, forget_cached_mixes
from retrieval.models import AnswerHour, LivePointer, LiveRecall, MixRevision, ModelVersion, PendingDay
from retrieval.tally.histogram import BUCKETS
from tests.console.screening import BODY
from tests.console.staff import logged_in, staff_who_may
from tests.experiments.running import run_experiment
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now():
    forget_cached_mixes()
    with time_machine.travel(NOW, tick=False):
        yield
    forget_cached_mixes()


def in_order() -> None:
    """All that runs by itself has run; there is a mix, and a model of last night."""
    ensure_published()
    trending.rebuild(NOW)
    RollUp.objects.create(counted_until=NOW)
    live_version(cutoff=NOW - 9 * HOUR)


def live_version(**fields) -> ModelVersion:
    version = ModelVersion.objects.create(state="live", **fields)
    LivePointer.objects.create(version=version)
    return version


def answers(**counts: int) -> None:
    values = {"answers": 1_000, "short": 0, "degraded": 0, "ms_counts": [0] * BUCKETS, **counts}
    AnswerHour.objects.create(hour=NOW, surface="home", level="none", **values)


def test_of_a_world_in_order_nothing_is_said():
    in_order()
    answers(short=10, degraded=5)

    assert attention(NOW) == []


def test_a_worker_or_beat_that_is_silent():
    RollUp.objects.create(counted_until=NOW - HOUR)

    (line,) = background.silent(NOW)

    assert "silent" in line.what
    assert (line.since, line.urgent) == (NOW - HOUR, True)


def test_a_worker_that_never_ran():
    (line,) = background.silent(NOW)

    assert line.since is None


@pytest.mark.parametrize(("age", "lines"), [(HOUR / 60, 0), (HOUR, 1)], ids=["a minute ago", "an hour ago"])
def test_what_was_installed_just_now_has_not_been_silent_yet(age, lines):
    first = create_revision(BODY, note="The first.")
    MixRevision.objects.filter(pk=first.pk).update(created_at=NOW - age)

    assert len(list(background.silent(NOW))) == lines


def test_days_that_wait_to_be_counted():
    PendingDay.objects.create(day=NOW.date(), queued_at=NOW - 3 * HOUR)

    (line,) = background.behind(NOW)

    assert (line.since, "15 January" in line.what) == (NOW - 3 * HOUR, True)


def test_trends_that_were_not_made_anew():
    trending.rebuild(NOW - HOUR)

    (line,) = serving.stale_trends(NOW)
    trending.rebuild(NOW)

    assert line.since == NOW - HOUR
    assert not list(serving.stale_trends(NOW))


def test_a_live_index_that_finds_too_little():
    version = live_version(cutoff=NOW)
    found = {"engine": "pgvector", "ef_search": 400, "samples": 30, "least": 0.8, "ms": 1.0, "exact_ms": 1.0}
    LiveRecall.objects.create(version=version, hour=NOW - 2 * HOUR, hits=99, expected=100, **found)
    LiveRecall.objects.create(version=version, hour=NOW - HOUR, hits=80, expected=100, **found)

    (line,) = serving.low_recall(NOW)

    assert ("89.5%" in line.what, line.since) == (True, NOW - HOUR)
    assert line.link.endswith(f"/{version.pk}/search/")


def test_a_live_model_that_is_old():
    live_version(cutoff=NOW - 100 * HOUR)

    (line,) = serving.old_model(NOW)

    assert line.since == NOW - 100 * HOUR


def test_the_newest_version_has_failed():
    ModelVersion.objects.create(cutoff=NOW, state="failed", error="Traceback\nrecall 0.91 is below 0.95")

    (line,) = serving.failed_model(NOW)

    assert "recall 0.91 is below 0.95" in line.what
    ModelVersion.objects.create(cutoff=NOW, state="building")
    assert not list(serving.failed_model(NOW))


@pytest.mark.parametrize(
    ("look", "counts"), [(serving.degraded, {"degraded": 20}), (serving.short, {"short": 30})]
)
def test_answers_that_lack_something(look, counts):
    answers(**counts)

    (line,) = look(NOW)

    assert line.what.startswith(f"{max(counts.values()) / 10:.1f}%")


def test_events_of_a_month_without_a_partition():
    movie_world()
    did("ann", "view", "heat", hours_ago=24 * 365 * 20)

    lines = list(data.without_partition(NOW))

    assert any(line.what.startswith("Events without") for line in lines)


def test_rows_of_a_file_that_were_refused_until_it_is_imported_whole():
    run = {"kind": "items", "file": "films.csv", "began_at": NOW, "ended_at": NOW, "rows": 10}
    ImportRun.objects.create(refused=3, first_problem="line 4: title: Empty.", **run)

    (line,) = data.refused_rows(NOW)

    assert line.what == "3 of 10 rows of films.csv (items) were refused."
    assert "line 4: title: Empty." in line.do
    ImportRun.objects.create(refused=0, **run)
    assert not list(data.refused_rows(NOW))


def test_rows_that_a_key_sends_in_vain_where_they_are_many():
    run = {"door": "api", "kind": "events", "began_at": NOW, "ended_at": NOW, "rows": 1_000}
    ImportRun.objects.create(refused=10, key_prefix="a", key_name="App", **run)
    ImportRun.objects.create(refused=11, key_prefix="b", key_name="Feed", **run)

    (line,) = data.refused_rows(NOW)

    assert line.what == "11 of 1,000 rows of events that the key “Feed” sent were refused."


def experiment_with(users: dict[str, int], *, gini: dict[str, float]):
    movie_world()
    revision = create_revision(BODY, note="Fresher.").number
    experiment = run_experiment("fresher-first", fresher={"mix_revision": revision})
    width = len(COLUMNS)
    for variant in experiment.variants.all():
        n = users[variant.name]
        Totals.objects.create(
            variant=variant,
            users=n,
            sums=[float(n)] * width,
            products=(np.eye(width) * n).ravel().tolist(),
            coverage=[0.3 + 0.001 * (group % 3) for group in range(20)],
            gini=[gini[variant.name] + 0.001 * (group % 3) for group in range(20)],
            counted_at=NOW,
        )
    return experiment


def test_an_experiment_with_a_sample_ratio_mismatch():
    experiment = experiment_with({"control": 5_000, "fresher": 4_000}, gini={"control": 0.5, "fresher": 0.5})

    (line,) = experimenting.mismatched(NOW)

    assert "sample-ratio mismatch" in line.what
    assert line.link == f"/admin/experiments/experiment/{experiment.pk}/read-out/"
    assert not list(experimenting.harmful(NOW))


def test_an_experiment_that_breaks_a_guardrail_and_one_that_was_stopped_by_it():
    experiment = experiment_with({"control": 5_000, "fresher": 5_000}, gini={"control": 0.5, "fresher": 0.9})

    (line,) = experimenting.harmful(NOW)
    experiment.status = "stopped"
    experiment.save()
    Change.objects.create(
        experiment=experiment, at=NOW, by="guardrail", what="Stopped.", why="Gini is worse."
    )
    (after,) = experimenting.harmful(NOW)

    assert "breaks a guardrail: Gini" in line.what
    assert line.urgent
    assert not list(experimenting.mismatched(NOW))
    assert (after.what, after.since) == ("A guardrail stopped “fresher-first”: Gini is worse.", NOW)


def test_a_draft_that_waits_for_approval():
    in_order()
    draft = create_revision(BODY, note="Tuned.", author="tune_mix")
    MixRevision.objects.filter(pk=draft.pk).update(created_at=NOW - HOUR)

    (line,) = attention(NOW)

    assert (line.what, line.since) == (
        f"A draft waits for approval: {draft}, “Tuned.”, by tune_mix.",
        NOW - HOUR,
    )


def test_the_home_shows_lights_lines_and_figures_to_who_may_see_metrics():
    in_order()
    PendingDay.objects.create(day=NOW.date(), queued_at=NOW - 3 * HOUR)
    page = logged_in().get("/admin/").content.decode()

    assert "Health: ready" in page
    assert "Metrics are behind: 15 January waits to be counted." in page
    assert "Since 15 January, 09:00 UTC" in page
    assert "Click-through" in page
    nobody = logged_in(staff_who_may("catalog.view_item")).get("/admin/").content.decode()
    assert "Health:" not in nobody


def test_the_lights_say_what_readyz_says(monkeypatch):
    in_order()
    nowhere = valkey.connect("unix:///nonexistent/cache.sock", timeout_s=0.05)
    nowhere.breaker = valkey.Breaker()
    monkeypatch.setattr(ready, "client", lambda: nowhere)

    said = Client().get("/readyz").json()
    page = logged_in().get("/admin/").content.decode()

    assert said["status"] == "degraded"
    assert "Health: degraded" in page
    assert said["checks"]["postgres"] == "ok"
    assert "Postgres: ok" in page
    assert "Cache: Valkey:" in page


def test_the_public_page_tells_staff_how_many_lines_there_are(client: Client):
    in_order()
    PendingDay.objects.create(day=NOW.date(), queued_at=NOW - 3 * HOUR)

    assert "1 thing needs attention" in logged_in().get("/").content.decode()
    assert "attention" not in client.get("/").content.decode()
