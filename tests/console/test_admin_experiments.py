from typing import Any

import numpy as np
import pytest
from django.test import Client

from console.admin.experiment_latency import latencies
from experiments.models import Baseline, Experiment, Layer, Totals, Variant
from retrieval.mixes import DEFAULT_BODY
from retrieval.models import ArmAnswers, MixRevision
from retrieval.tally.histogram import BUCKETS, bucket_of
from tests.catalog.people import NOW
from tests.console.staff import logged_in, staff_who_may
from tests.experiments.running import draft, run_experiment

pytestmark = pytest.mark.django_db
SHARES = (5_000, 5_000)


def form(*shares: int, revision: int) -> dict[str, Any]:
    layer, _ = Layer.objects.get_or_create(name="mixes")
    fields: dict[str, Any] = {
        "name": "fresh-first",
        "hypothesis": "More clicks.",
        "layer": layer.pk,
        "surface": "default",
        "reading": "any_time",
        "planned_users": 10_000,
        "variants-TOTAL_FORMS": len(shares),
        "variants-INITIAL_FORMS": 0,
        "guardrails-TOTAL_FORMS": 0,
        "guardrails-INITIAL_FORMS": 0,
    }
    for i, share in enumerate(shares):
        fields[f"variants-{i}-name"] = f"v{i}"
        fields[f"variants-{i}-share_per_10000"] = share
        fields |= {f"variants-{i}-mix_revision": revision} if i else {f"variants-{i}-control": "on"}
    return fields


@pytest.fixture
def revision() -> int:
    return MixRevision.objects.create(body=DEFAULT_BODY, note="x").number


@pytest.fixture
def ada() -> Client:
    return logged_in()


def did(experiment: Experiment, step: str, client: Client, **fields: Any) -> str:
    """Posts one of the actions, and what the page says after it."""
    address = f"/admin/experiments/experiment/{experiment.pk}/{step}/"
    return client.post(address, fields, follow=True).content.decode()


def counted(experiment: Experiment, *users: int, clicks: float = 2.0) -> None:
    """Each column has a mean of 2 and a variance of 1; the last arm's clicks another mean."""
    for place, (variant, n) in enumerate(zip(experiment.variants.all(), users, strict=True)):
        means = np.full(8, 2.0)
        means[0] = 20.0
        means[1] = clicks if place else 2.0
        products = n * (np.outer(means, means) + np.eye(8))
        Totals.objects.create(
            variant=variant,
            users=n,
            sums=(n * means).tolist(),
            products=products.ravel().tolist(),
            counted_at=NOW,
        )


def page(experiment: Experiment, client: Client, **query: Any) -> str:
    answer = client.get(f"/admin/experiments/experiment/{experiment.pk}/read-out/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_experiment_is_drafted_started_ramped_and_stopped(ada: Client, revision: int) -> None:
    ada.post("/admin/experiments/experiment/add/", form(*SHARES, revision=revision))
    experiment = Experiment.objects.get()
    assert experiment.guardrails.count() == 4

    assert "Started with 5 % of the users." in did(experiment, "start", ada, traffic="5", why="First look.")
    assert "From 5 % to 12.5 % of the users." in did(experiment, "ramp", ada, traffic="12.50", why="Fine.")
    assert "This field is required" in did(experiment, "stop", ada, why="")
    stopped = did(experiment, "stop", ada, why="Seen enough.")

    assert "Seen enough." in stopped
    assert [one.by for one in experiment.changes.all()] == ["ada"] * 3


def test_what_stands_against_starting_is_said(ada: Client, revision: int) -> None:
    experiment = draft("alone", control=10_000)

    assert "Nothing has changed: It needs two variants or more." in did(
        experiment, "start", ada, traffic="5", why="x"
    )


def test_each_arms_answers_have_their_percentiles_ready_ones_too(ada: Client) -> None:
    experiment = draft("quicker", b={})
    arm = experiment.variants.get(name="b")
    for level, ms, n in (("none", 100.0, 1), ("ready", 1.0, 9)):
        counts = [0] * BUCKETS
        counts[bucket_of(ms)] = n
        ArmAnswers.objects.create(variant=arm, level=level, answers=n, short=0, degraded=0, ms_counts=counts)

    control, other = latencies([experiment.variants.get(control=True), arm])
    shown = page(experiment, ada)

    assert (control.answers, control.ready, list(control.quantiles)) == (0, "–", ["–"] * 3)
    assert (other.answers, other.ready) == (10, "90.0 %")
    near = zip(other.quantiles, (1, 100, 100), strict=True)
    assert all(0.85 < float(text.split()[0]) / ms < 1.15 for text, ms in near)
    assert f'<td class="number">{other.quantiles[1]}</td>' in shown
    assert f"/admin/retrieval/daytotals/?arm={arm.pk}" in shown


def test_shares_beyond_the_whole_are_refused(ada: Client, revision: int) -> None:
    answer = ada.post("/admin/experiments/experiment/add/", form(6000, 6000, revision=revision))
    assert "lower one by 2000" in answer.content.decode()
    assert not Experiment.objects.exists()


def test_a_variant_needs_a_mix_that_exists(ada: Client, revision: int) -> None:
    answer = ada.post("/admin/experiments/experiment/add/", form(*SHARES, revision=revision + 1))
    assert f"There is no mix revision {revision + 1}." in answer.content.decode()
    assert not Variant.objects.exists()


def test_who_may_only_look_moves_nothing() -> None:
    experiment = draft("e", b={"mix_revision": 1})
    sam = logged_in(staff_who_may("experiments.view_experiment"))

    assert sam.get(f"/admin/experiments/experiment/{experiment.pk}/read-out/").status_code == 200
    did(experiment, "start", sam, traffic="5", why="x")

    experiment.refresh_from_db()
    assert experiment.status == "draft"


def test_the_read_out_tells_the_difference_and_nothing_below_a_hundred_users(
    ada: Client, revision: int
) -> None:
    experiment = run_experiment("e", b={"mix_revision": revision})
    counted(experiment, 99, 99)
    assert page(experiment, ada).count("–") > 9
    Totals.objects.all().delete()

    counted(experiment, 5_000, 5_000, clicks=2.2)
    shown = page(experiment, ada)

    assert "+10.00 %" in shown
    assert "▲ better" in shown
    assert "Sample-ratio mismatch" not in shown


def test_the_read_out_warns_of_a_mismatch(ada: Client, revision: int) -> None:
    experiment = run_experiment("e", b={"mix_revision": revision})
    counted(experiment, 5_000, 4_500)

    assert "Sample-ratio mismatch: do not believe these results" in page(experiment, ada)


def test_the_power_calculator_says_how_many_days(ada: Client, revision: int) -> None:
    experiment = draft("e", b={"mix_revision": revision})
    assert "Nothing is known of usual traffic yet" in page(experiment, ada)
    means = np.full(8, 2.0)
    products = 1_000 * (np.outer(means, means) + np.eye(8))
    Baseline.objects.create(
        made_at=NOW,
        users=1_000,
        sums=(1_000 * means).tolist(),
        products=products.ravel().tolist(),
        users_by_day=[1_000 * day for day in range(1, 29)],
    )

    shown = page(experiment, ada, metric="likes", effect="10", traffic="50", power="80")

    # (1.96 + 0.84)² × (2 + 2 × 1.1²) × 1 ÷ 0.2² users, 500 a day; 1.91 times as many for looking at any time.
    assert "2 days to see +10 % in one look at the end, with 869 users." in shown
    assert "4 days to see it while looking at any time, with 1,66" in shown
