"""Storing what a person chose, with the text agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.events.histories import move_versions
from catalog.models import User
from catalog.sql import cursor
from catalog.writing import UserFields, put_users
from coldstart.config import newcomers
from coldstart.interests.reading import KnownInterest, all_interests, offered_interests
from coldstart.models import Consent, SurveyAnswer

_FIRST_CONSENT = "2026-01"
_FIRST_TEXT = (
    "We use the interests you choose to recommend things to you. They are stored with your account until you change "
    "or remove them, which you can do here at any time. Nobody else sees them."
)


class InvalidAnswer(Exception):
    """The answer cannot be stored; `field` says where, `code` why, the message what to do."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person chose, in order, when, and which text was agreed to."""

    interests: tuple[KnownInterest, ...]
    consent_version: str
    answered_at: datetime


def current_consent() -> Consent:
    """The newest text; the one that Headwater ships with where there is none."""
    newest = Consent.objects.first()
    if newest is not None:
        return newest
    return Consent.objects.get_or_create(version=_FIRST_CONSENT, defaults={"text": _FIRST_TEXT})[0]


def answer_of(user: str) -> Answer | None:
    """By external id; None for who answered nothing."""
    row = SurveyAnswer.objects.select_related("consent").filter(user__external_id=user).first()
    if row is None:
        return None
    known = all_interests()
    interests = tuple(known[one] for one in row.interest_ids if one in known)
    return Answer(interests, row.consent.version, row.answered_at)


def answer_survey(user: str, slugs: Sequence[str], *, consent_version: str, now: datetime) -> Answer:
    """The stored answer, which replaces an earlier one; the very next request knows. Who is unknown to the catalogue
    becomes known. Raises InvalidAnswer."""
    interests = _chosen(slugs)
    consent = Consent.objects.filter(version=consent_version).first()
    if consent is None or consent != current_consent():
        raise InvalidAnswer(
            "consent_version",
            "outdated" if consent else "unknown",
            f"Ask for agreement to the current text, version {current_consent().version}.",
        )
    with transaction.atomic(), cursor() as raw:
        put_users([UserFields(external_id=user)], now)
        user_id = User.objects.values_list("id", flat=True).get(external_id=user)
        fields = {"interest_ids": [one.id for one in interests], "consent": consent, "answered_at": now}
        SurveyAnswer.objects.update_or_create(user_id=user_id, defaults=fields)
        # Every key that is made of the version moves with it.
        move_versions(raw, [user_id])
    return Answer(interests, consent_version, now)


def withdraw_answer(user: str) -> bool:
    """Whether there was one: what the person chose is erased, with the agreement."""
    with transaction.atomic(), cursor() as raw:
        user_ids = list(User.objects.filter(external_id=user).values_list("id", flat=True))
        deleted, _ = SurveyAnswer.objects.filter(user_id__in=user_ids).delete()
        move_versions(raw, user_ids if deleted else [])
    return bool(deleted)


def _chosen(slugs: Sequence[str]) -> tuple[KnownInterest, ...]:
    offered = {interest.slug: interest for interest in offered_interests()}
    for place, slug in enumerate(slugs):
        if slug not in offered:
            raise InvalidAnswer(f"interests.{place}", "unknown", f"There is no interest {slug!r}.")
        if slug in slugs[:place]:
            raise InvalidAnswer(f"interests.{place}", "repeated", f"{slug!r} stands twice.")
    least, most = limits(len(offered))
    if not least <= len(slugs) <= most:
        counted = str(least) if least == most else f"{least} to {most}"
        raise InvalidAnswer("interests", "number", f"Choose {counted} interests; these are {len(slugs)}.")
    return tuple(offered[slug] for slug in slugs)


def limits(offered: int) -> tuple[int, int]:
    """(the fewest, the most) that an answer chooses out of so many."""
    return min(newcomers().least_interests, offered), min(newcomers().most_interests, offered)
