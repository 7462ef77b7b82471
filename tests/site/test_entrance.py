"""The demo's account and key: kept while they work, replaced when they don't."""

import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate, get_user_model

from api.models import ApiKey
from recsys_site.running.entrance import open_entrance

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:8000"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "demo.json"


def test_key_and_password_of_the_file_work(file: Path):
    entrance = open_entrance(file, url=URL)

    assert ApiKey.objects.is_valid(entrance.api_key)
    assert ApiKey.objects.get().scopes == ["read", "events", "catalog", "admin"]
    assert authenticate(username=entrance.admin_user, password=entrance.admin_password)
    assert entrance.admin_url == f"{URL}/admin/"


def test_only_its_owner_reads_the_file(file: Path):
    file.write_text("{}")
    file.chmod(0o644)

    open_entrance(file, url=URL)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_opening_twice_changes_only_the_address(file: Path):
    first = open_entrance(file, url=URL)

    second = open_entrance(file, url="http://127.0.0.1:9000")

    assert second.api_key == first.api_key
    assert second.admin_password == first.admin_password
    assert second.url == "http://127.0.0.1:9000"
    assert ApiKey.objects.count() == 1


def test_a_revoked_key_is_replaced(file: Path):
    first = open_entrance(file, url=URL)
    ApiKey.objects.update(revoked=True)

    second = open_entrance(file, url=URL)

    assert second.api_key != first.api_key
    assert ApiKey.objects.is_valid(second.api_key)


def test_a_password_changed_in_the_admin_is_set_anew(file: Path):
    open_entrance(file, url=URL)
    admin = get_user_model().objects.get(username="admin")
    admin.set_password("something else")
    admin.save()

    entrance = open_entrance(file, url=URL)

    assert authenticate(username="admin", password=entrance.admin_password)


@pytest.mark.parametrize("content", ["", "not json", '{"url": 1, "surprise": 2}', "[]"])
def test_a_broken_file_is_written_anew(file: Path, content: str):
    file.write_text(content)

    entrance = open_entrance(file, url=URL)

    assert ApiKey.objects.is_valid(entrance.api_key)
