from console.inspector.cards import PAGE_SIZE, merged_cards, source_column
from tests.console.answers import ANSWER


def test_the_merged_list_keeps_its_order_and_places() -> None:
    cards = merged_cards(ANSWER, page=1)
    assert [(card.place, card.tile.title) for card in cards] == [
        (1, "Fargo (1996)"),
        (2, "Heat"),
        (3, "Alien"),
        (4, "Ran"),
    ]


def test_every_source_that_proposed_an_item_is_named_best_rank_first() -> None:
    ran = merged_cards(ANSWER, page=1)[3]
    assert [(word.source.name, word.rank) for word in ran.provenance] == [("right", 3), ("left", 4)]


def test_a_source_has_its_own_order() -> None:
    column = source_column(ANSWER, "right")
    assert [(card.tile.title, card.place) for card in column.cards] == [
        ("Alien", 3),
        ("Fargo (1996)", 1),
        ("Ran", 4),
    ]
    assert column.total == 3


def test_a_column_is_cut_but_knows_how_many_there_are() -> None:
    column = source_column(ANSWER, "right", size=1)
    assert (len(column.cards), column.total) == (1, 3)


def test_the_second_page_of_a_column_goes_on_where_the_first_ended() -> None:
    assert [card.tile.title for card in source_column(ANSWER, "right", page=2, size=2).cards] == ["Ran"]


def test_a_source_that_is_not_there_has_an_empty_column() -> None:
    assert source_column(ANSWER, "nobody").cards == ()


def test_a_page_past_the_end_is_empty() -> None:
    assert len(ANSWER.pool) < PAGE_SIZE
    assert merged_cards(ANSWER, page=2) == ()
