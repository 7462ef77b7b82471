"""Two islands of taste; after the version's cutoff everybody likes one more item of her own island."""

import dataclasses
import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from catalog.events import Event, record_events
from catalog.models import Interaction, Item
from retrieval import toplists, trending, versions
from retrieval.config import config
from retrieval.evaluation.installed import NothingToJudge, evaluate
from retrieval.models import ModelVersion, TopList
from retrieval.offline import pipeline
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, N_ITEMS, N_USERS, two_islands
from tests.worlds import publish_patient_mix

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def snapshots_in(tmp_path, monkeypatch):
    own = dataclasses.replace(config(), snapshots_dir=str(tmp_path))
    monkeypatch.setattr("retrieval.offline.snapshot.config", lambda: own)
    monkeypatch.setattr("retrieval.offline.promoting.config", lambda: own)


@pytest.fixture
def version() -> ModelVersion:
    two_islands()
    record_events_of_now()
    publish_patient_mix()
    version_id = pipeline.start(NOON, dim=DIM, config=CONFIG)
    pipeline.run(version_id)
    return ModelVersion.objects.get(id=version_id)


def record_events_of_now() -> None:
    """The histories that `two_islands` does not write."""
    events = [
        Event(one.event_id, one.user.external_id, one.item.external_id, "like", None, None, one.occurred_at)
        for one in Interaction.objects.select_related("user", "item")
    ]
    Interaction.objects.all().delete()
    record_events(events, now=NOON)


def like_one_more(*, of_users: int = N_USERS, item: str = "") -> None:
    """An hour after the cutoff: each user's first item of her island that she does not have, or this one."""
    had = set(Interaction.objects.values_list("user__external_id", "item__external_id"))
    events = []
    for user in range(of_users):
        own = (f"i{i}" for i in range(user % 2, N_ITEMS, 2) if (f"u{user}", f"i{i}") not in had)
        name = item or next(own)
        events.append(Event(f"later-{user}", f"u{user}", name, "like", None, None, NOON + HOUR))
    record_events(events, now=NOON + HOUR, create_missing=True)


def recall(evaluation, case: str, k: int = 20) -> float:
    return next(one.values[f"recall@{k}"] for one in evaluation.cases if one.name == case)


def test_the_version_is_judged_by_what_came_after_its_cutoff(version):
    like_one_more()

    found = evaluate(version)

    assert found.users == N_USERS
    # Eight unseen items on one's own island, twenty-eight in all.
    assert recall(found, "collaborative") == 1
    assert recall(found, "published mix") == 1
    assert recall(found, "popularity") < 1


def test_what_trends_because_of_the_answer_is_not_known(version):
    # Everybody meets the same new item: today it trends, and before the cutoff nobody knew it.
    like_one_more(item="sensation")
    toplists.rebuild(NOON + HOUR)
    trending.rebuild(NOON + HOUR)

    found = evaluate(version)

    assert recall(found, "trending", k=1000) == 0
    assert recall(found, "published mix", k=1000) == 0
    assert found.absent == 1
    assert found.items == N_ITEMS


def test_the_real_catalogue_and_its_lists_stay_as_they_are(version):
    like_one_more()
    toplists.rebuild(NOON + HOUR)
    trending.rebuild(NOON + HOUR)
    before = [*TopList.objects.order_by("kind", "value").values_list("item_ids", flat=True)]
    hot = trending.top(50).item_ids.tolist()

    evaluate(version)

    assert [*TopList.objects.order_by("kind", "value").values_list("item_ids", flat=True)] == before
    assert trending.top(50).item_ids.tolist() == hot
    assert Interaction.objects.filter(occurred_at__gt=NOON).count() == N_USERS
    assert Item.objects.count() == N_ITEMS


def test_a_source_that_may_know_the_future_is_left_out(version, monkeypatch):
    like_one_more()
    monkeypatch.setattr("retrieval.evaluation.installed.HONEST", {"collaborative": "learned nothing later"})

    found = evaluate(version)

    assert list(found.used) == ["collaborative"]
    assert "trending" in found.left_out


def test_too_few_users_to_judge_by_are_refused_with_the_remedy(version):
    like_one_more(of_users=3)

    with pytest.raises(NothingToJudge, match=r"3 users .* --trial"):
        evaluate(version)


def test_the_command_shows_the_live_version_and_writes_its_figures(version, tmp_path, capsys):
    like_one_more()
    path = tmp_path / "figures.jsonl"

    call_command("evaluate", "--users", "30", "--json", str(path))

    assert "30 users" in capsys.readouterr().out
    assert len(path.read_text().splitlines()) > 100


def test_a_trial_is_gone_afterwards(version, capsys):
    like_one_more()
    live = versions.live_model()

    call_command("evaluate", "--cutoff", NOON.isoformat())

    assert "collaborative" in capsys.readouterr().out
    assert list(ModelVersion.objects.all()) == [version]
    versions.forget_live_model()
    assert versions.live_model() == live


def test_an_unknown_version_is_refused(version):
    with pytest.raises(CommandError, match="no such version"):
        call_command("evaluate", "--version", "999")
