from retrieval.reasons import chosen_behind, names_seed, reason_text

FARGO, STAR_WARS, ALIEN = 1, 2, 3
CHOSEN = {FARGO: "Crime & Drama", STAR_WARS: "Adventure & Sci-Fi"}


def test_an_item_that_stands_for_a_choice_is_there_because_of_that_choice_whatever_led_to_it():
    assert chosen_behind(CHOSEN, FARGO, STAR_WARS) == "Crime & Drama"


def test_another_item_is_there_because_of_what_its_seed_stands_for():
    assert chosen_behind(CHOSEN, ALIEN, STAR_WARS) == "Adventure & Sci-Fi"
    assert chosen_behind(CHOSEN, ALIEN, 0) == ""


def test_only_a_source_that_names_its_seed_gives_a_choice_as_its_reason():
    assert names_seed("co_engagement")
    assert not names_seed("trending")
    assert reason_text("co_engagement", "", chosen="Crime & Drama") == "because you chose Crime & Drama"
    assert "Crime" not in reason_text("trending", "", chosen="Crime & Drama")


def test_people_alike_are_spoken_of_only_where_something_is_known_of_somebody():
    assert reason_text("demographic", "", seed=12) == "popular with people like you"
    assert reason_text("demographic", "", seed=0) == "popular here"
