from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from catalog.models import Creator, Item
from catalog.writing import ItemFields, RowResult, put_items
from tests.catalog.people import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def put_at_once(batches: list[list[ItemFields]]) -> list[list[RowResult]]:
    """Each batch in a thread and a connection of its own, all let go together."""
    gate = Barrier(len(batches))

    def put(batch: list[ItemFields]) -> list[RowResult]:
        try:
            gate.wait(timeout=30)
            return put_items(batch, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(put, batches))


def test_new_items_in_opposite_orders_are_made_once_and_nobody_deadlocks():
    rows = [ItemFields(str(n), title="Same", creator=f"c{n}") for n in range(200)]

    answers = put_at_once([rows, rows[::-1], rows, rows[::-1]])

    created = [row.external_id for answer in answers for row in answer if row.status == "created"]
    assert sorted(created) == sorted(row.external_id for row in rows)
    assert (Item.objects.count(), Creator.objects.count()) == (200, 200)


def test_writers_of_different_fields_do_not_undo_each_other():
    put_items([ItemFields(str(n)) for n in range(100)], NOW)

    put_at_once(
        [
            [ItemFields(str(n), title="Title") for n in range(100)],
            [ItemFields(str(n), category="drama") for n in reversed(range(100))],
        ]
    )

    assert set(Item.objects.values_list("title", "category")) == {("Title", "drama")}
