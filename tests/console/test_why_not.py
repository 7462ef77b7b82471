from collections.abc import Iterator

import pytest

from catalog.models import Item
from console.inspector.question import Question
from console.inspector.why_not import Verdict, verdict_on
from retrieval.mixes import forget_cached_mixes
from tests.console.screening import open_screening
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open() -> Iterator[None]:
    open_screening()
    yield
    forget_cached_mixes()


def verdict(asked: str) -> Verdict:
    return verdict_on(Question(user="ann", why=asked), NOW)


def test_a_film_that_was_seen_is_found_and_removed() -> None:
    told = verdict("fargo")
    assert told.why is not None
    assert told.why.final_rank == 0
    assert told.removed == "already engaged with"


def test_a_candidate_is_told_with_the_sources_that_found_it() -> None:
    told = verdict("lebowski")
    assert told.why is not None
    assert told.why.final_rank > 0
    assert "content" in {step.source.name for step in told.steps}


def test_a_part_of_a_title_is_enough_where_only_one_film_has_it() -> None:
    told = verdict("bowsk")
    assert told.why is not None
    assert told.why.item == "lebowski"


def test_several_films_are_offered_to_choose_from() -> None:
    told = verdict("o")
    assert told.why is None
    assert {match.title for match in told.matches} >= {"Fargo", "Notebook", "Lost"}
    assert all("why=" in match.link for match in told.matches)


def test_an_id_wins_over_titles_that_contain_it() -> None:
    Item.objects.filter(external_id="alien").update(title="Heat of the ship")
    told = verdict("heat")
    assert told.why is not None
    assert told.why.item == "heat"


def test_nothing_is_found_under_an_unknown_name() -> None:
    assert verdict("zzz") == Verdict("zzz")
