import pytest

from catalog.models import Item, User
from console.inspector.past import Past, past_of
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db


def past(name: str) -> Past:
    return past_of(User.objects.get(external_id=name), NOW)


def test_the_newest_event_comes_first() -> None:
    movie_world()
    lines = past("ann").lines
    assert [(line.tile.title, line.type, line.ago) for line in lines if line.tile] == [
        ("Fargo", "like", "1\xa0hour"),
        ("Heat", "click", "2\xa0hours"),
    ]


def test_tastes_weigh_the_tags_of_what_was_liked() -> None:
    movie_world()
    # ann: a like (3) of fargo [snow, funny], a click (2) of heat [heist].
    shares = {taste.tag.name: taste.share for taste in past("ann").tastes}
    assert shares == {"snow": 3 / 8, "funny": 3 / 8, "heist": 2 / 8}


def test_what_was_disliked_is_no_taste_and_shown_as_dislike() -> None:
    movie_world()
    did("dan", "hide", "alien", hours_ago=1)
    assert past("dan").tastes == ()
    assert past("dan").lines[0].weight < 0


def test_an_event_of_an_item_that_is_gone_is_still_told() -> None:
    movie_world()
    Item.objects.filter(external_id="fargo").delete()
    line = past("ann").lines[0]
    assert (line.tile, line.type) == (None, "like")


def test_someone_who_did_nothing_has_an_empty_past() -> None:
    movie_world()
    assert past("dan") == Past(0, 0, None, (), ())
