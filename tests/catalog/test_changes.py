"""The log of changed items, read as a request does, beside transactions that end in another order than they began."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection as django_connection

from catalog.changes import CHANGES_SINCE, EVERYTHING, prune_changes
from catalog.models import Creator, Item
from catalog.sql import cursor
from catalog.writing import ItemFields, delete_items, put_items
from tests.retrieval.stores.database import url_of_this_run

NOW = datetime(2026, 1, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """Knows what it has seen, as each process does."""

    def __init__(self) -> None:
        self.seen: str | None = None

    def look(self) -> list[int] | None:
        """The items that changed since the last look; None where it can't be told."""
        with cursor() as raw:
            [(self.seen, unknown, changed)] = raw.execute(
                f"SELECT {CHANGES_SINCE}", {"seen": self.seen}
            ).fetchall()
        return None if unknown else sorted(changed)


@pytest.fixture
def reader(transactional_db: None) -> Reader:
    looked = Reader()
    assert looked.look() is None
    return looked


@pytest.fixture
def others(transactional_db: None) -> Iterator[list[psycopg.Connection]]:
    """Two connections with open transactions."""
    opened = [psycopg.connect(url_of_this_run()) for _ in range(2)]
    yield opened
    for one in opened:
        one.close()


def item(name: str = "fargo", **fields) -> Item:
    return Item.objects.create(external_id=name, created_at=NOW, updated_at=NOW, **fields)


def test_nothing_changed_since_a_moment_ago(reader):
    assert reader.look() == []


def test_new_items_are_no_change(reader):
    item()

    assert reader.look() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: Item.objects.filter(pk=one.pk).update(active=False),
        lambda one: Item(**{**_columns(one), "title": "Fargo"}).save(),
        lambda one: put_items([ItemFields("fargo", tags=("snow",))], NOW),
        lambda one: put_items([ItemFields("fargo", creator="coen")], NOW),
        lambda one: delete_items(["fargo"]),
        lambda one: one.delete(),
        lambda one: _sql("UPDATE catalog_item SET category = 'crime'"),
        lambda one: _sql("DELETE FROM catalog_item"),
    ],
)
def test_whoever_changes_a_fact_by_whatever_way_is_told(reader, change):
    one = item()
    key = one.pk

    change(one)

    assert reader.look() == [key]
    assert reader.look() == []


def test_what_is_no_fact_of_retrievals_is_no_change(reader):
    one = item(title="Fargo")
    one.description, one.attributes = "A car salesman", {"length": 98}

    one.save()

    assert reader.look() == []


def test_a_truncated_catalogue_and_a_renamed_creator_change_everything(reader):
    creator = Creator.objects.create(external_id="coen")
    creator.name = "Coen"
    creator.save()
    assert reader.look() == []

    creator.external_id = "coens"
    creator.save()
    assert reader.look() == [EVERYTHING]

    _sql("TRUNCATE catalog_item CASCADE")
    assert reader.look() == [EVERYTHING]


def test_what_is_rolled_back_never_happened(reader, others):
    item()
    others[0].execute("UPDATE catalog_item SET active = false")
    assert reader.look() == []

    others[0].rollback()

    assert reader.look() == []


def test_a_transaction_that_ends_after_a_later_one_is_not_missed(reader, others):
    early, late = others
    one, other = item("one"), item("other")
    early.execute("UPDATE catalog_item SET active = false WHERE id = %s", [one.pk])
    late.execute("UPDATE catalog_item SET active = false WHERE id = %s", [other.pk])

    late.commit()
    assert reader.look() == [other.pk]
    assert reader.look() == []
    early.commit()

    assert reader.look() == [one.pk]
    assert reader.look() == []


def test_a_transaction_that_writes_on_after_a_look_is_told_whole(reader, others):
    one, other = item("one"), item("other")
    others[0].execute("UPDATE catalog_item SET active = false WHERE id = %s", [one.pk])
    assert reader.look() == []
    others[0].execute("UPDATE catalog_item SET active = false WHERE id = %s", [other.pk])

    others[0].commit()

    assert reader.look() == sorted([one.pk, other.pk])


def test_pruning_keeps_what_came_after_the_last_pruning(reader):
    one = item()
    prune_changes()
    reader.look()
    Item.objects.update(active=False)

    prune_changes()

    assert reader.look() == [one.pk]


def test_who_slept_through_prunings_is_told_of_the_change_or_that_something_is_missing(reader):
    one = item()
    Item.objects.update(active=False)

    prune_changes()
    prune_changes()

    # What still runs beside this test holds the pruning back.
    assert reader.look() in (None, [one.pk])


def test_behind_what_was_pruned_nothing_can_be_told(reader):
    item()  # time goes on
    pruned_before = "UPDATE catalog_itemchangepruning SET pruned_before = "
    _sql(pruned_before + "pg_snapshot_xmax(pg_current_snapshot())")

    assert reader.look() is None

    _sql(pruned_before + "'0'")
    assert reader.look() == []


def test_pruning_heals_a_log_that_a_dump_brought_from_another_server(reader):
    _sql("UPDATE catalog_itemchangepruning SET pruned_before = '9000000000', next_before = '9000000000'")
    _sql("INSERT INTO catalog_itemchange VALUES ('9000000000', '{7}')")
    assert reader.look() is None

    prune_changes()
    reader.look()

    assert reader.look() == []


def _columns(one: Item) -> dict[str, object]:
    return {field.attname: getattr(one, field.attname) for field in Item._meta.concrete_fields}


def _sql(statement: str) -> None:
    with django_connection.cursor() as raw:
        raw.execute(statement)
