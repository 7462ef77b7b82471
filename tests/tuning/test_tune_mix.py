"""Two islands of taste: everybody likes films of her own, and the mix that is published knows only what is popular."""

import dataclasses
import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Interaction
from retrieval.config import config
from retrieval.mixes import create_revision, forget_cached_mixes, parse_mix, publish, published_mix
from retrieval.models import MixRevision, ModelVersion
from tests.evaluation.test_installed import like_one_more, record_events_of_now
from tests.offline.catalog_world import NOON
from tests.offline.islands import N_USERS, two_islands

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {
    "merge": "calibrated",
    "sources": [
        {"name": "trending", "quota": 1000, "weight": 1.0, "limit_ms": 10_000},
        {"name": "co_engagement", "quota": 1000, "weight": 0.0, "limit_ms": 10_000},
    ],
    "fill": [],
}


@pytest.fixture(autouse=True)
def snapshots_in(tmp_path, monkeypatch):
    own = dataclasses.replace(config(), snapshots_dir=str(tmp_path))
    monkeypatch.setattr("retrieval.offline.snapshot.config", lambda: own)
    monkeypatch.setattr("retrieval.offline.promoting.config", lambda: own)


@pytest.fixture
def published() -> int:
    two_islands()
    record_events_of_now()
    like_one_more()
    forget_cached_mixes()
    number = create_revision(BODY, note="what is popular").number
    publish(number)
    return number


@pytest.mark.parametrize("validation", ["time", "last", "replay"])
def test_the_mix_learns_to_read_taste_and_stays_a_draft(published, validation, capsys):
    before = Interaction.objects.count()
    cutoff = {} if validation == "last" else {"cutoff": NOON}

    call_command("tune_mix", validation=validation, depths=[3], **cutoff)

    told = capsys.readouterr().out
    draft = MixRevision.objects.latest("number")
    assert draft.number != published, told
    assert f"Draft: revision {draft.number}" in told
    assert draft.author == "tune_mix"
    assert "Expected recall, mean at 3" in draft.note
    assert sum(parse_mix(draft.body).coefficients("co_engagement", event_count=100)) > 0
    # Nothing is published, nothing is left behind.
    assert published_mix().revision == published
    assert Interaction.objects.count() == before
    assert not ModelVersion.objects.exists()
    assert dt.datetime.now(dt.UTC) > draft.created_at


def test_too_few_users_are_told_of(published):
    Interaction.objects.filter(
        occurred_at__gte=NOON, user__external_id__in=[f"u{i}" for i in range(5, N_USERS)]
    ).delete()

    with pytest.raises(CommandError, match="5 users newly liked"):
        call_command("tune_mix", cutoff=NOON)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"revision": 999_999}, "no revision 999999"), ({"also": ["magic"]}, "'magic' is no source")],
)
def test_what_is_not_there_is_named(published, wrong, told):
    with pytest.raises(CommandError, match=told):
        call_command("tune_mix", **wrong)
