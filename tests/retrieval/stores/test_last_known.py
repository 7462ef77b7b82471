"""What processes leave behind for one that starts while Postgres is away is as true as the last second."""

import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from catalog.last_known import LastKnownFile
from catalog.models import Item
from retrieval import facts, last_known
from retrieval.last_known import Floor
from retrieval.mixes import DEFAULT_BODY, create_revision, publish
from retrieval.trending import forget_copy
from tests.api.films import served_world
from tests.pooled import pool_of_two
from tests.worlds import NOW

__all__ = ["pool_of_two"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path: Path) -> LastKnownFile:
    return LastKnownFile(tmp_path, "floor", version=1, max_age_s=3600)


def test_what_is_taken_down_or_published_is_written_at_once(pool_of_two, file, time_machine):
    time_machine.move_to(NOW, tick=False)
    world, floor = served_world(), Floor(file)
    assert floor.changed()
    before = floor.content()
    assert not floor.changed()

    Item.objects.filter(external_id="alien").update(active=False)
    assert floor.changed()
    after = floor.content()
    assert not floor.changed()
    publish(create_revision(DEFAULT_BODY, note="Another.").number)
    assert floor.changed()

    assert {name for _, name, *_ in before["facts"]} - {name for _, name, *_ in after["facts"]} == {"alien"}
    assert world.names(before["item_ids"])[0] != "lost"
    assert all(record[0] in before["item_ids"] for record in before["facts"])


def test_who_read_a_context_and_nothing_more_has_what_was_left_until_the_next_context(
    pool_of_two, file, monkeypatch, time_machine
):
    time_machine.move_to(NOW, tick=False)
    served_world()
    file.write(Floor(file).content(), as_of_s=time.time())
    monkeypatch.setattr(last_known, "_file", lambda: file)
    monkeypatch.setattr(last_known, "_told", {})
    forget_copy()
    facts.forget_facts()

    facts.advance("10:10:", [], unknown=False)
    assert not last_known.knows_the_floor()
    last_known.take_in()
    assert last_known.knows_the_floor()
    # It may have been told of what changed since the file was written.
    facts.advance("11:11:", [], unknown=False)
    assert not last_known.knows_the_floor()
    last_known.take_in()
    assert last_known.knows_the_floor()
    facts.forget_facts()


def test_what_another_release_left_is_told_and_not_used(file, monkeypatch):
    file.write({"item_ids": [1]}, as_of_s=time.time())
    monkeypatch.setattr(last_known, "_file", lambda: file)
    monkeypatch.setattr(last_known, "_told", {})

    with capture_logs() as logs:
        last_known.take_in()
        last_known.take_in()

    assert [line["event"] for line in logs] == ["what was last known is of another release"]
