"""Finding users: by external id or its beginning, both of which the index answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Block, Follow, User, UserHistory

SUGGESTIONS = 12
_MATCHES_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """A user in the suggestions."""

    external_id: str
    line: str  # age group, location and such, for people
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the catalogue knows of a user."""

    external_id: str
    facts: Mapping[str, str]  # label -> value, only what is known
    friends: int
    following: int
    blocks: tuple[str, ...]
    created_at: datetime


def find_user(external_id: str) -> User | None:
    return User.objects.filter(external_id=external_id).first()


def begins_with(text: str) -> tuple[Person, ...]:
    """Users whose external id begins so, in order of id; of very many, some."""
    # At once, Postgres might walk the ids in their order and look for the beginning on the way.
    some = User.objects.filter(external_id__startswith=text).values("pk")[:_MATCHES_AT_MOST]
    rows = User.objects.filter(pk__in=some).order_by("external_id")
    return _people(rows.select_related("history").defer("history__events")[:SUGGESTIONS])


def recently_active() -> tuple[Person, ...]:
    """The users with the newest events, newest first."""
    rows = UserHistory.objects.filter(last_event_at__isnull=False).order_by("-last_event_at", "user_id")
    return tuple(
        Person(row.user.external_id, _line(row.user), row.last_event_at)
        for row in rows.select_related("user")[:SUGGESTIONS]
    )


def profile_of(user: User) -> Profile:
    follows_back = Follow.objects.filter(follower=OuterRef("followee"), followee=OuterRef("follower"))
    following = Follow.objects.filter(follower=user)
    known = {
        "Age group": user.age_group,
        "Location": user.location,
        "Language": user.language,
        **{name.replace("_", " ").capitalize(): str(value) for name, value in user.attributes.items()},
    }
    return Profile(
        external_id=user.external_id,
        facts={label: value for label, value in known.items() if value},
        friends=following.filter(Exists(follows_back)).count(),
        following=following.count(),
        blocks=_blocks(user),
        created_at=user.created_at,
    )


def _blocks(user: User) -> tuple[str, ...]:
    rows = Block.objects.filter(user=user).select_related("item", "creator").order_by("id")[:20]
    return tuple(str(row.item or row.creator or row.tag) for row in rows)


def _people(rows: QuerySet[User]) -> tuple[Person, ...]:
    return tuple(
        Person(row.external_id, _line(row), row.history.last_event_at if hasattr(row, "history") else None)
        for row in rows
    )


def _line(user: User) -> str:
    words = [user.age_group, *(str(value) for value in user.attributes.values()), user.location]
    return ", ".join(word for word in words if word)[:60]
