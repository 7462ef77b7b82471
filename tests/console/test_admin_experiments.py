from typing import Any

import pytest

from experiments.models import Experiment, Variant
from retrieval.mixes import DEFAULT_BODY
from retrieval.models import MixRevision
from tests.console.staff import logged_in

pytestmark = pytest.mark.django_db


def form(*shares: int, revision: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": "fresh-first",
        "salt": "2026-11",
        "surface": "default",
        "variants-TOTAL_FORMS": len(shares),
        "variants-INITIAL_FORMS": 0,
    }
    for i, share in enumerate(shares):
        fields[f"variants-{i}-name"] = f"v{i}"
        fields[f"variants-{i}-share_per_10000"] = share
        fields[f"variants-{i}-mix_revision"] = revision
    return fields


@pytest.fixture
def revision() -> int:
    return MixRevision.objects.create(body=DEFAULT_BODY, note="x").number


def test_an_experiment_gives_shares_of_users_to_mixes(revision: int) -> None:
    logged_in().post("/admin/experiments/experiment/add/", form(2500, 2500, revision=revision))
    assert Experiment.objects.get().variants.count() == 2


def test_shares_beyond_the_whole_are_refused(revision: int) -> None:
    answer = logged_in().post("/admin/experiments/experiment/add/", form(6000, 6000, revision=revision))
    assert "lower one by 2000" in answer.content.decode()
    assert not Experiment.objects.exists()


def test_a_variant_needs_a_mix_that_exists(revision: int) -> None:
    answer = logged_in().post("/admin/experiments/experiment/add/", form(100, revision=revision + 1))
    assert f"There is no mix revision {revision + 1}." in answer.content.decode()
    assert not Variant.objects.exists()
