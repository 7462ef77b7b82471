import numpy as np
import pytest

from catalog.models import Item
from retrieval.facts import current_facts, load_facts
from retrieval.hot import watched_statements
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db


def test_facts_come_in_order_of_id_for_the_items_that_exist():
    world = movie_world()
    asked = np.array([world.items["lost"], 10**12, world.items["fargo"], world.items["amelie"]])

    facts = load_facts(asked, None)

    assert facts.external_ids == ["fargo", "amelie", "lost"]
    assert world.names(facts.item_ids) == ["fargo", "amelie", "lost"]
    assert facts.titles == ["Fargo", "Amelie", "Lost"]
    assert facts.active.tolist() == [True, True, False]
    assert list(facts.category) == ["crime", "romance", "crime"]
    assert list(facts.creator_external_ids) == ["coen", "", "coen"]
    assert facts.creator_ids.tolist() == [world.creators["coen"], 0, world.creators["coen"]]
    assert list(facts.languages) == ["en", "en", "en"]
    assert list(facts.tags) == [("snow", "funny"), ("funny", "paris"), ("snow",)]
    assert facts.published_at_s.tolist() == [820454400, 978307200, 631152000]


def test_rows_are_found_by_id_and_unknown_ids_have_none():
    world = movie_world()
    fargo, amelie = world.items["fargo"], world.items["amelie"]
    facts = load_facts(np.array([fargo, amelie]), None)

    assert facts.rows_of(np.array([amelie, 0, 10**12, fargo])).tolist() == [1, -1, -1, 0]


def test_no_ids_need_no_statement():
    with watched_statements() as statements:
        facts = load_facts(np.empty(0, np.int64), None)

    assert (len(facts), statements) == (0, [])
    assert facts.rows_of(np.array([1])).tolist() == [-1]


def test_facts_need_one_statement_for_a_whole_answer():
    world = movie_world()

    with watched_statements() as statements:
        load_facts(np.array(list(world.items.values())), None)

    assert len(statements) == 1


def test_what_an_open_transaction_wrote_is_kept_nowhere():
    wanted = np.sort(np.array(list(movie_world().items.values()), np.int64))
    current_facts(wanted, None)

    Item.objects.filter(external_id="alien").update(title="Aliens")

    assert "Aliens" in current_facts(wanted, None).titles
