import numpy as np
import pytest
from playwright.sync_api import Page, expect

from experiments.models import Baseline, Experiment, Totals, Traffic
from experiments.running import forget_running
from retrieval.models import MixRevision
from tests.browser.axe import serious_faults
from tests.catalog.people import NOW
from tests.experiments.running import draft

# Impressions, clicks, likes and events of an arm's user, and the same before.
MEANS = {
    "control": (40, 4.0, 2.0, 6.0, 40, 4.0, 2.0, 6.0),
    "fresher": (40, 4.3, 2.02, 6.0, 40, 4.0, 2.0, 6.0),
}
USERS = {"control": 8_123, "fresher": 8_044}


@pytest.fixture
def experiment(site: str) -> Experiment:
    """A draft whose users have already been: a mix with more clicks and answers a little slower."""
    revision = MixRevision.objects.latest("number").number
    experiment = draft("fresher-first", fresher={"mix_revision": revision}, fields={"planned_users": 20_000})
    for variant in experiment.variants.all():
        means, n = np.array(MEANS[variant.name]), USERS[variant.name]
        spread = np.diag(means * 1.5) + 0.6 * np.diag(means[:4], 4) + 0.6 * np.diag(means[:4], -4)
        products = n * (np.outer(means, means) + spread)
        Totals.objects.create(
            variant=variant,
            users=n,
            sums=(n * means).tolist(),
            products=products.ravel().tolist(),
            coverage=[0.30 + 0.01 * (group % 3) for group in range(20)],
            gini=[0.50 + 0.01 * (group % 4) for group in range(20)],
            counted_at=NOW,
        )
        slower = 1.02 if variant.name == "fresher" else 1.0
        Traffic.objects.bulk_create(
            Traffic(
                variant=variant,
                user_group=group,
                answers=500,
                ms=500 * slower * (18 + group % 5),
                short=group % 3,
            )
            for group in range(64)
        )
    control = experiment.variants.get(control=True).totals
    Baseline.objects.create(
        made_at=NOW,
        users=8_123,
        sums=control.sums,
        products=control.products,
        users_by_day=[3_000 + 900 * d for d in range(28)],
    )
    return experiment


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_an_experiment_is_started_read_out_and_stopped(
    site: str, experiment: Experiment, staff_page: Page, size
) -> None:
    page = staff_page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for address in ("", f"{experiment.pk}/change/"):
        page.goto(f"{site}/admin/experiments/experiment/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.goto(f"{site}/admin/experiments/experiment/{experiment.pk}/start/")
    page.get_by_label("Percent of all users").fill("5")
    page.get_by_label("Why").fill("A small share first.")
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_text("Running, 5 % of the users")).to_be_visible()
    expect(page.get_by_role("img", name="Click-through, fresher: +7.")).to_be_visible()
    expect(page.get_by_text("▲ better")).to_be_visible()
    expect(page.get_by_text("A small share first.")).to_be_visible()
    page.get_by_label("Effect to see, in %").fill("3")
    page.get_by_role("button", name="Calculate").click()
    expect(page.get_by_text("days to see +3 % in one look at the end")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []

    page.goto(f"{site}/admin/experiments/experiment/{experiment.pk}/stop/")
    page.get_by_label("Why").fill("Shipped.")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped, 5 % of the users")).to_be_visible()
    forget_running()
