"""How a person and a program get in: an admin account, an API key, and the file that says both."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.contrib.auth import get_user_model

from api.models import ApiKey, Scope

_NAME = "demo"
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What `var/demo.json` holds."""

    url: str
    api_key: str
    admin_url: str
    admin_user: str
    admin_password: str


def open_entrance(file: Path, *, url: str) -> Entrance:
    """The entrance that `file` describes, kept where key and password still work, made anew where not."""
    known = _read(file)
    entrance = Entrance(
        url=url,
        api_key=_working_key(known.api_key if known else ""),
        admin_url=f"{url}/admin/",
        admin_user=_ADMIN,
        admin_password=_working_password(known.admin_password if known else ""),
    )
    _write(file, entrance)
    return entrance


def _read(file: Path) -> Entrance | None:
    try:
        return replace(Entrance("", "", "", "", ""), **json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _working_key(key: str) -> str:
    if key and ApiKey.objects.is_valid(key):
        return key
    # Only its hash is stored: a lost key cannot be shown again, only replaced.
    ApiKey.objects.filter(name=_NAME).delete()
    return str(ApiKey.objects.create_key(name=_NAME, scopes=[scope.value for scope in Scope])[1])


def _working_password(password: str) -> str:
    admin, _ = get_user_model().objects.get_or_create(username=_ADMIN)
    if password and admin.check_password(password) and admin.is_active and admin.is_superuser:
        return password
    password = secrets.token_urlsafe(12)
    admin.set_password(password)
    admin.is_active = admin.is_staff = admin.is_superuser = True
    admin.save()
    return password


def _write(file: Path, entrance: Entrance) -> None:
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    # Readable by its owner only from the first byte on.
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(asdict(entrance), stream, indent=2)
        stream.write("\n")
    unfinished.replace(file)
