"""Back-off solved by hand: ten people, two items.

everybody    10 people, 6 like alien (0.6), 2 like heat (0.2)
18-24         4 people, 4 like alien, 0 like heat
18-24 in DE   2 people, 2 like alien
"""

import numpy as np
import pytest

from catalog.models import User
from coldstart import demographics
from coldstart.demographics import Cell, Counts, ancestors, shrunk
from coldstart.models import DemographicCell
from retrieval.source import all_sources
from tests.worlds import NOW, did, movie_world

COUNTS = {
    Cell(): Counts(10, np.array([6.0, 2.0])),
    Cell("18-24"): Counts(4, np.array([4.0, 0.0])),
    Cell("18-24", "DE"): Counts(2, np.array([2.0, 0.0])),
}


def test_a_cell_is_pulled_towards_the_next_coarser_one():
    shares = shrunk(COUNTS, least_users=2, prior_users=4)

    assert shares[Cell()].tolist() == [0.6, 0.2]
    # (4 + 4 × 0.6) ÷ 8 and (0 + 4 × 0.2) ÷ 8
    assert shares[Cell("18-24")] == pytest.approx([0.8, 0.1])
    # (2 + 4 × 0.8) ÷ 6 and (0 + 4 × 0.1) ÷ 6
    assert shares[Cell("18-24", "DE")] == pytest.approx([5.2 / 6, 0.4 / 6])


def test_a_cell_with_too_few_people_is_not_kept_and_its_children_look_further_up():
    shares = shrunk({**COUNTS, Cell("18-24"): Counts(1, np.array([1.0, 0.0]))}, least_users=2, prior_users=4)

    assert Cell("18-24") not in shares
    # (2 + 4 × 0.6) ÷ 6: of everybody
    assert shares[Cell("18-24", "DE")][0] == pytest.approx(4.4 / 6)


def test_everybody_is_kept_however_few_they_are():
    assert list(shrunk({Cell(): Counts(1, np.array([1.0]))}, least_users=20, prior_users=50)) == [Cell()]


def test_people_are_looked_up_from_the_finest_cell_to_everybody():
    assert ancestors(Cell("18-24", "DE")) == [Cell("18-24", "DE"), Cell("18-24"), Cell("", "DE"), Cell()]
    assert len(ancestors(Cell("18-24", "DE", "de"))) == 8


def crowd(age_group: str, film: str, size: int) -> None:
    for number in range(size):
        name = f"{age_group}-{film}-{number}"
        User.objects.create(external_id=name, age_group=age_group, created_at=NOW)
        did(name, "like", film, hours_ago=1)


@pytest.mark.django_db
def test_the_young_and_the_old_are_shown_what_their_like_like():
    world = movie_world()
    crowd("18-24", "runner", 25)
    crowd("55+", "notebook", 25)
    crowd("35-44", "alien", 5)
    demographics.rebuild(NOW)
    source = all_sources()["demographic"]

    def first(age_group: str) -> list[str]:
        context = world.context("dan", age_group=age_group)
        return world.names(source.retrieve(context, 1).item_ids)

    assert first("18-24") == ["runner"]
    assert first("55+") == ["notebook"]
    # Five are too few for a cell: what everybody likes, 25 people each of two, 7 of alien.
    assert first("35-44") == first("") == ["runner"]
    assert set(DemographicCell.objects.values_list("age_group", flat=True)) == {"", "18-24", "55+"}


@pytest.mark.django_db
def test_an_unknown_age_is_no_age_group():
    movie_world()
    demographics.rebuild(NOW)

    assert [str(cell) for cell in DemographicCell.objects.all()] == ["everybody"]
