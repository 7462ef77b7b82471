"""Suggestions from a world of two tastes: twenty space films liked by some, twenty romances by others."""

import pytest

from catalog.events import Event, record_events
from catalog.models import Interaction, Item
from coldstart.interests import offered_interests
from coldstart.interests.naming import Group, named
from coldstart.interests.suggesting import suggest_interests
from coldstart.models import Interest
from tests.worlds import NOW, movie_world


def film(name: str, *tags: str) -> Item:
    return Item(external_id=name, title=name, tags=list(tags))


def two_tastes() -> None:
    for kind in ("space", "romance"):
        for number in range(25):
            Item.objects.create(
                external_id=f"{kind}-{number}",
                title=f"{kind} {number}",
                tags=[kind],
                created_at=NOW,
                updated_at=NOW,
            )
    events = [
        Event(None, f"{kind}-fan-{fan}", f"{kind}-{number}", "like", None, None, NOW)
        for kind in ("space", "romance")
        for fan in range(12)
        for number in range(25)
        if (fan + number) % 3
    ]
    record_events(events, now=NOW, create_missing=True)


@pytest.mark.django_db
def test_each_taste_becomes_interests_of_its_own_films_named_by_their_tag():
    two_tastes()
    added = suggest_interests(NOW)

    assert any("space" in name for name in added)
    assert any("romance" in name for name in added)
    for interest in offered_interests():
        kinds = set(Item.objects.filter(id__in=interest.representatives).values_list("tags__0", flat=True))
        assert kinds == {interest.tags[0]}


@pytest.mark.django_db
def test_later_suggestions_wait_for_somebody_to_look_at_them():
    Interest.objects.create(slug="mine", name="Mine")
    two_tastes()
    suggest_interests(NOW)

    assert set(Interest.objects.filter(active=True).values_list("slug", flat=True)) == {"mine"}
    assert Interest.objects.filter(active=False).exists()


@pytest.mark.django_db
def test_where_little_is_liked_the_tags_are_the_interests():
    movie_world()

    assert suggest_interests(NOW)[0] == "funny"


def test_a_name_is_one_or_two_tags_that_set_the_group_apart():
    groups = [
        Group([film("a", "drama", "war"), film("b", "drama", "war")]),
        Group([film("c", "drama"), film("d", "comedy"), film("e", "comedy")]),
    ]

    assert [name for name, _, _ in named(groups)] == ["drama & war", "comedy"]


def test_two_groups_never_share_a_name():
    groups = [
        Group([film("Heat, The (1995)", "crime")]),
        Group([film("Fargo (1996)", "crime")]),
        Group([film("x", "y")]),
    ]

    assert [name for name, _, _ in named(groups)] == ["crime", "crime like Fargo", "y"]


def test_nothing_liked_suggests_nothing(db):
    assert suggest_interests(NOW) == []
    assert not Interaction.objects.exists()
