"""MovieLens in the catalog's words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from catalog.events import Event
from catalog.writing import ItemFields, UserFields
from demo.movielens import Film, MovieLens, Person, Rating

# Where the demo's events came from; how they are told from those that a visitor sends.
SURFACE = "movielens"
_AGE_GROUPS = ((18, "under 18"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (200, "55+"))


def item_fields(film: Film) -> ItemFields:
    """Genres are the tags, the first of them the category; the year goes into the title, as MovieLens has it."""
    return ItemFields(
        external_id=film.id,
        title=f"{film.title} ({film.year})" if film.year else film.title,
        category=film.genres[0] if film.genres else "",
        tags=film.genres,
        published_at=datetime(film.year, 1, 1, tzinfo=UTC) if film.year else None,
        attributes={"title": film.title, "release_year": film.year},
    )


def user_fields(person: Person) -> UserFields:
    return UserFields(
        external_id=person.id,
        age_group=next(name for limit, name in _AGE_GROUPS if person.age < limit),
        location=_location(person.zip_code),
        attributes={
            "age": person.age,
            "gender": person.gender,
            "occupation": person.occupation,
            "zip_code": person.zip_code,
        },
    )


def events(data: MovieLens, *, newest_at: datetime) -> Iterator[Event]:
    """Every rating as an event, oldest first, all later by what puts the newest at `newest_at`."""
    later = newest_at - datetime.fromtimestamp(data.newest_s, UTC)
    for rating in data.ratings:
        yield _event(rating, later)


def _event(rating: Rating, later: timedelta) -> Event:
    return Event(
        event_id=f"ml-100k:{rating.person}:{rating.film}",
        user=rating.person,
        item=rating.film,
        type=_event_type(rating.stars),
        value=rating.stars,
        dwell_s=None,
        occurred_at=datetime.fromtimestamp(rating.rated_at_s, UTC) + later,
        surface=SURFACE,
    )


def _event_type(stars: float) -> str:
    if stars >= 4:
        return "like"
    return "view" if stars >= 3 else "dislike"


def _location(zip_code: str) -> str:
    """A US ZIP code's first digit names a region of a few states; Canada's codes begin with a letter."""
    return f"US {zip_code[0]}xxxx" if zip_code[0].isdecimal() else "Canada"
