"""A person's second factor: whether there is one, checking a code, setting it up, taking it away.

The devices are django-otp's: a code is good for its 30 seconds and those beside them, once, and each failure doubles
the pause before the next try. Of recovery codes the database has keyed hashes.
"""

import base64
import secrets
import time
from typing import TypeAlias

import segno
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from console.config import config

RECOVERY_CODES = 10
_SALT = "headwater.recovery-code"
_KEY_BYTES = 20  # as long as the hash that RFC 4226 makes codes of
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is read as another
_ISSUER = "Headwater"
Device: TypeAlias = TOTPDevice | StaticDevice


def owed(user: AbstractBaseUser | AnonymousUser) -> str | None:
    """What somebody with a right password still owes before a page opens: "code", "enrol", or None."""
    verified = getattr(user, "otp_device", None) is not None
    if verified or not getattr(user, "is_staff", False):
        return None
    if has_factor(user):
        return "code"
    return "enrol" if config().require_totp else None


def has_factor(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def codes_left(user: AbstractBaseUser | AnonymousUser) -> int:
    return int(StaticToken.objects.filter(device__user_id=user.pk).count())


def new_key() -> str:
    """A secret, hexadecimal."""
    return secrets.token_hex(_KEY_BYTES)


def as_text(key: str) -> str:
    """As somebody types it: base32, in fours."""
    plain = base64.b32encode(bytes.fromhex(key)).decode()
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def as_picture(key: str, name: str) -> str:
    """A QR code for authenticators, as the address of an SVG (`data:`), which the strictest policy lets through."""
    device = TOTPDevice(key=key, user=User(username=f"{_ISSUER}:{name}"))
    code = segno.make(f"{device.config_url}&issuer={_ISSUER}", error="m")
    return str(code.svg_data_uri(scale=5, border=3, light="#fff"))


def checked(user: User, code: str) -> Device | None:
    """The device that takes the code: six digits for the authenticator, anything else is a recovery code."""
    kind: type[TOTPDevice] | type[StaticDevice] = StaticDevice
    given = _hash(user, code)
    if code.isdigit() and code.isascii():
        kind, given = TOTPDevice, code
    for device in kind.objects.filter(user=user, confirmed=True):
        if found := verify_token(user, device.persistent_id, given):
            return found
    return None


def enrolled(user: User, key: str, code: str) -> TOTPDevice | None:
    """Makes the secret the person's only one where the code is of it, which can't be used again; else None."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    if not totp.verify(int(code), tolerance=1):
        return None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        TOTPDevice.objects.filter(user=user).delete()
        return TOTPDevice.objects.create(user=user, name="authenticator", key=key, last_t=totp.t())


def new_recovery_codes(user: User) -> list[str]:
    """Ten that take the place of all before. Nobody can read them again."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=_hash(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def reset(user: User) -> bool:
    """Takes the second factor away; False where there was none. Sessions that were opened by it end at once."""
    with transaction.atomic():
        gone, _ = TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
    return bool(gone)


def note(by: User, of: User, words: str) -> None:
    """Into the history of the account, where administrators look."""
    LogEntry.objects.log_actions(str(by.pk), [of], CHANGE, change_message=words, single_object=True)


def _hash(user: User, code: str) -> str:
    # Sixteen characters are what the library's column takes: 96 bits.
    plain = "".join(code.split()).replace("-", "").casefold()
    digest = salted_hmac(_SALT, f"{user.pk}\0{plain}", algorithm="sha256").digest()
    return base64.b64encode(digest)[:16].decode()
