"""Signed links to a person's onboarding pages, so that an app can send people there without an account of ours."""

from datetime import datetime, timedelta

from django.core import signing
from django.urls import reverse

from coldstart.config import newcomers

_SALT = "headwater.welcome"


class BadLink(Exception):
    """Nobody's link: made up, or cut short on the way."""


class ExpiredLink(BadLink):
    """It was good once."""


def welcome_token(user: str) -> str:
    """For the person with this external id, good for `link_max_age_s`."""
    return signing.dumps(user, salt=_SALT)


def welcome_path(user: str) -> str:
    """Of the page, without the host."""
    return reverse("welcome:survey", args=[welcome_token(user)])


def expires_at(now: datetime) -> datetime:
    """Of a link that is made at `now`."""
    return now + timedelta(seconds=newcomers().link_max_age_s)


def user_of(token: str) -> str:
    """The external id. Raises ExpiredLink or BadLink."""
    try:
        user = signing.loads(token, salt=_SALT, max_age=newcomers().link_max_age_s)
    except signing.SignatureExpired as error:
        raise ExpiredLink("This link is too old.") from error
    except signing.BadSignature as error:
        raise BadLink("This is no link of ours.") from error
    if not isinstance(user, str):
        raise BadLink("This is no link of ours.")
    return user
