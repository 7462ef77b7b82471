"""The demo in the catalog: loaded whole, and kept fresh."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.events import Event
from catalog.events.recording import write_events
from catalog.history import unpack_history
from catalog.models import Follow, Interaction, Item, User, UserHistory
from demo.freshness import shift_events
from demo.loading import load, newest_event_at
from demo.mix import publish_demo_mix
from demo.movielens import MovieLens
from demo.notice import write_notice
from retrieval.mixes import published_mix

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=40)


@pytest.fixture
def loaded(movielens: MovieLens) -> None:
    load(movielens, now=NOW, say=lambda line: None)


def history_of(external_id: str) -> UserHistory:
    return UserHistory.objects.get(user__external_id=external_id)


@pytest.mark.usefixtures("loaded")
def test_everything_arrives():
    assert (Item.objects.count(), User.objects.count(), Interaction.objects.count()) == (4, 6, 7)
    assert newest_event_at() == NOW
    assert len(unpack_history(history_of("1").events)) == 2


@pytest.mark.usefixtures("loaded")
def test_friends_follow_each_other():
    follows = set(Follow.objects.values_list("follower_id", "followee_id"))

    assert follows
    assert follows == {(b, a) for a, b in follows}


def test_nothing_is_loaded_at_first():
    assert newest_event_at() is None


@pytest.mark.usefixtures("loaded")
def test_a_shift_moves_the_demos_events_and_leaves_those_of_visitors():
    visit = Event(
        event_id="visit", user="1", item="3", type="click", value=None, dwell_s=None, occurred_at=NOW
    )
    write_events([visit], now=NOW)
    before = history_of("1")

    shift_events(LATER - NOW, now=LATER)

    assert newest_event_at() == LATER
    assert Interaction.objects.get(event_id="visit").occurred_at == NOW
    after = history_of("1")
    assert after.version == before.version + 1
    assert after.event_count == before.event_count == 3
    moved = unpack_history(before.events)["occurred_at_s"][:2] + 40 * 86_400
    assert unpack_history(after.events)["occurred_at_s"].tolist() == sorted([*moved, int(NOW.timestamp())])


@pytest.mark.usefixtures("loaded")
def test_a_shift_by_nothing_rewrites_histories_as_they_were():
    before = bytes(history_of("5").events)

    shift_events(timedelta(0), now=NOW)

    assert bytes(history_of("5").events) == before


def test_the_notice_says_what_is_invented_and_shifted(tmp_path: Path):
    file = tmp_path / "var" / "notice.json"

    write_notice(file)

    lines = " ".join(json.loads(file.read_text())["lines"])
    assert "GroupLens" in lines
    assert "Friendships are invented" in lines
    assert "Times are shifted" in lines


def test_the_demos_mix_is_published_where_there_is_none():
    assert publish_demo_mix()
    revision = published_mix().revision

    assert not publish_demo_mix()
    assert published_mix().revision == revision
    assert published_mix().slot("social").options["window_s"] == 7 * 86_400
