"""What a process keeps of items, against what Postgres says this moment."""

import os
from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection

from catalog.changes import CHANGES_SINCE
from catalog.models import Item
from catalog.writing import ItemFields, delete_items, put_items
from retrieval import toplists, trending
from retrieval.facts import ItemFacts, current_facts, load_facts, read_all_facts
from retrieval.facts.keeping import Store
from retrieval.facts.reading import read_records
from retrieval.facts.table import Record
from retrieval.hot import watched_statements
from retrieval.service import retrieve
from retrieval.sql import hot_connection
from retrieval.types import Ids, Request
from tests.worlds import NOW, World, movie_world, publish_patient_mix

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = Request(user="ann", k=100, now=NOW, deadline_ms=60_000, use_cache=False)


def record(item_id: int, title: str = "") -> Record:
    return Record(item_id, f"i{item_id}", title, True, "crime", 0, "", "en", ("snow", f"t{item_id}"), 0)


def reading(*records: Record) -> Callable[[Ids], list[Record]]:
    """Postgres, as far as a store sees of it."""
    return lambda ids: [one for one in records if one.item_id in ids.tolist()]


def never(ids: Ids) -> list[Record]:
    raise AssertionError(f"{ids} were read again")


def ids(*numbers: int) -> Ids:
    return np.array(numbers, np.int64)


def rows(facts: ItemFacts) -> list[tuple[object, ...]]:
    """Every fact of every item."""
    columns = (
        facts.item_ids.tolist(),
        facts.external_ids,
        facts.titles,
        facts.active.tolist(),
        facts.category,
        facts.creator_ids.tolist(),
        facts.creator_external_ids,
        facts.languages,
        facts.tags,
        facts.published_at_s.tolist(),
    )
    return list(zip(*columns, strict=True))


def look(store: Store) -> None:
    """As the context of a request does in any process."""
    with hot_connection(None) as raw:
        [(snapshot, unknown, changed)] = raw.execute(
            f"SELECT {CHANGES_SINCE}", {"seen": store.position()}
        ).fetchall()
    store.advance(snapshot, changed.tolist(), everything=unknown)


def straight(wanted: Ids) -> list[Record]:
    return read_records(wanted, None)


@pytest.fixture
def world(pool_of_two) -> World:
    made = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return made


@pytest.fixture
def store() -> Store:
    return Store(limit_bytes=10_000_000)


def films() -> list[str]:
    answer = retrieve(REQUEST)
    return [answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)]


class TestStore:
    def test_what_is_known_is_not_read_again(self, store):
        store.facts(ids(1, 2), reading(record(1), record(2)))

        assert [row[1] for row in rows(store.facts(ids(1, 2), never))] == ["i1", "i2"]

    def test_only_what_is_new_is_read(self, store):
        store.facts(ids(1), reading(record(1)))
        asked: list[int] = []

        def read(absent: Ids) -> list[Record]:
            asked.extend(absent.tolist())
            return [record(2)]

        store.facts(ids(1, 2, 3), read)

        assert asked == [2, 3]

    def test_an_item_that_does_not_exist_is_asked_for_each_time(self, store):
        assert len(store.facts(ids(7), reading())) == 0

        assert rows(store.facts(ids(7), reading(record(7))))[0][0] == 7

    def test_what_changed_is_read_again_and_the_rest_is_not(self, store):
        store.facts(ids(1, 2), reading(record(1, "old"), record(2, "old")))

        store.advance("1:1:", [1], everything=False)
        facts = store.facts(ids(1, 2), reading(record(1, "new"), record(2, "never read")))

        assert facts.titles == ["new", "old"]

    def test_an_answer_under_way_keeps_what_it_found(self, store):
        before = store.facts(ids(1), reading(record(1, "old")))

        store.advance("1:1:", [1], everything=False)
        store.facts(ids(1), reading(record(1, "new")))

        assert before.titles == ["old"]

    def test_what_changed_while_it_was_read_is_not_kept(self, store):
        def overtaken(absent: Ids) -> list[Record]:
            store.advance("1:1:", [1], everything=False)
            return [record(1, "as before the change")]

        store.facts(ids(1), overtaken)

        assert store.facts(ids(1), reading(record(1, "new"))).titles == ["new"]

    def test_what_another_change_drops_meanwhile_is_still_in_the_answer(self, store):
        store.facts(ids(1), reading(record(1)))

        def overtaken(absent: Ids) -> list[Record]:
            store.advance("1:1:", [1], everything=False)
            return [record(2)]

        assert store.facts(ids(1, 2), overtaken).item_ids.tolist() == [1, 2]

    def test_memory_stays_within_its_bound_and_the_newest_are_kept(self):
        store = Store(limit_bytes=400_000)
        most = 0
        for start in range(0, 20_000, 100):
            wanted = np.arange(start, start + 100)
            store.facts(wanted, reading(*map(record, wanted.tolist())))
            most = max(most, store.bytes())

        assert most <= 500_000  # one answer above its bound
        assert len(store.facts(wanted, never)) == 100

    def test_a_catalogue_that_fits_is_kept_whole_and_never_copied(self):
        store = Store(limit_bytes=400_000)
        whole = np.arange(1, 513)
        store.facts(whole, reading(*map(record, whole.tolist())))
        taken = store.bytes()
        assert taken > 200_000  # more than half of its room

        store.facts(whole[:200], never)

        assert store.bytes() == taken

    def test_what_is_asked_for_again_and_again_outlives_the_rest(self):
        store = Store(limit_bytes=400_000)
        store.facts(ids(1), reading(record(1, "favorite")))
        for start in range(100, 20_000, 100):
            wanted = np.arange(start, start + 100)
            store.facts(wanted, reading(*map(record, wanted.tolist())))
            assert store.facts(ids(1), never).titles == ["favorite"]


class TestFreshness:
    def test_kept_facts_are_those_of_postgres_after_every_kind_of_change(self, world, store):
        wanted = np.sort(np.array(list(world.items.values()), np.int64))
        changes = [
            lambda: None,
            lambda: Item.objects.filter(external_id="alien").update(active=False),
            lambda: put_items([ItemFields("fargo", title="Fargo!", tags=("new", "snow"), creator="x")], NOW),
            lambda: delete_items(["heat"]),
            lambda: Item.objects.filter(external_id="amelie").update(published_at=None, language="fr"),
        ]
        for change in changes:
            change()
            look(store)

            assert rows(store.facts(wanted, straight)) == rows(load_facts(wanted, None))

    def test_a_warm_request_reads_no_facts(self, world):
        films()

        with watched_statements() as statements:
            films()

        assert not [one for one in statements if "catalog_item item" in one]

    def test_facts_that_were_read_ahead_are_not_read_again_and_change_like_all_others(self, world):
        films()  # learns up to when changes were told of
        read_all_facts()
        everything = np.sort(np.array(list(world.items.values()), np.int64))
        with watched_statements() as statements:
            current_facts(everything, None)
        assert statements == []

        Item.objects.filter(external_id="amelie").update(active=False)

        assert "amelie" not in films()

    @pytest.mark.parametrize(
        "leave",
        [
            lambda: Item.objects.filter(external_id="amelie").update(active=False),
            lambda: put_items([ItemFields("amelie", active=False)], NOW),
            lambda: delete_items(["amelie"]),
        ],
    )
    def test_what_leaves_the_catalogue_is_gone_from_the_very_next_answer(self, world, leave):
        assert "amelie" in films()

        leave()

        assert "amelie" not in films()

    def test_a_change_reaches_every_process(self, world):
        here = len(films())
        to_child, from_child = os.pipe(), os.pipe()
        connection.close()  # not to be shared

        child = os.fork()
        if child == 0:
            os.write(from_child[1], str(len(films())).encode().ljust(2))
            os.read(to_child[0], 1)
            os.write(from_child[1], str("amelie" in films()).encode())
            os._exit(0)
        before = int(os.read(from_child[0], 2))
        Item.objects.filter(external_id="amelie").update(active=False)
        os.write(to_child[1], b"!")
        after = os.read(from_child[0], 10)
        os.waitpid(child, 0)

        assert (before, after) == (here, b"False")
