import pytest

from console.inspector.tiles import HUES, hue_of, source_label, tile
from tests.console.answers import FACTS


def test_a_tag_has_the_same_hue_however_it_is_written() -> None:
    assert hue_of("Film-Noir") == hue_of("film-noir")
    assert 0 <= hue_of("anything at all") < HUES


def test_a_tile_takes_its_hues_from_its_first_tags() -> None:
    fargo = tile(FACTS, 0)
    assert (fargo.hue, fargo.second_hue) == (hue_of("Crime"), hue_of("Drama"))


def test_a_title_that_tells_a_year_is_not_given_another() -> None:
    assert tile(FACTS, 0).year == ""
    assert tile(FACTS, 1).year == "1996"
    assert tile(FACTS, 2).year == ""


@pytest.mark.parametrize(("row", "initials"), [(0, "Fa"), (4, "BS")])
def test_initials_come_from_the_words_of_the_title(row: int, initials: str) -> None:
    assert tile(FACTS, row).initials == initials


def test_a_source_that_is_gone_since_keeps_its_name() -> None:
    assert source_label("retired").label == "retired"
