"""A password opens nothing for whoever has, or must have, a second factor."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from console.config import config
from console.second_factor.factors import enrolled, new_key, new_recovery_codes
from tests.console.staff import PASSWORD, logged_in, staff_who_may, superuser

pytestmark = pytest.mark.django_db
CODE, ENROL, OWN = (f"/admin/second-factor/{page}" for page in ("code/", "enrol/", ""))


def code_of(key: str, *, steps: int = 0) -> str:
    """As the authenticator shows it, now or some half-minutes away."""
    return f"{totp(bytes.fromhex(key), t0=-30 * steps) if steps else totp(bytes.fromhex(key)):06}"


@pytest.fixture(autouse=True)
def noon(time_machine):
    """Time stands still: no half-minute ends between a code and its use."""
    time_machine.move_to("2026-11-26 12:00:10", tick=False)
    return time_machine


@pytest.fixture
def demanded(settings):
    settings.CONSOLE = {**settings.CONSOLE, "require_totp": True}
    config.cache_clear()


@pytest.fixture
def ada() -> User:
    return superuser()


@pytest.fixture
def key(ada, noon) -> str:
    """Ada's secret, set up a minute ago."""
    secret = new_key()
    assert enrolled(ada, secret, code_of(secret))
    noon.shift(60)
    return secret


def with_password() -> Client:
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def enters(client: Client, code: str, *, query: str = "") -> bool:
    return client.post(CODE + query, {"code": code, "next": "/inspector/"}).status_code == 302


def sees_pages(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_without_a_demand_who_has_none_is_asked_for_none(ada):
    assert sees_pages(with_password())


@pytest.mark.parametrize("path", ["/admin/", "/admin/auth/user/", "/inspector/", "/", OWN, ENROL])
def test_the_password_alone_opens_no_page(key, path):
    answer = with_password().get(path)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, CODE)


def test_the_code_of_now_opens_and_leads_on(key):
    client = with_password()
    answer = client.post(CODE, {"code": code_of(key), "next": "/inspector/"})

    assert answer["Location"] == "/inspector/"
    assert sees_pages(client)


def test_no_code_leads_away_from_the_site(key):
    client = with_password()

    assert client.post(CODE, {"code": code_of(key), "next": "//evil.example/"})["Location"] == "/admin/"


def test_a_code_is_good_once_and_for_one_session(key):
    first, second = with_password(), with_password()

    assert enters(first, code_of(key))
    assert not enters(second, code_of(key))
    assert not sees_pages(second)


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", "abcdef", "+12345", "１２３４５６", ""])
def test_anything_else_opens_nothing(key, code):
    client = with_password()

    assert not enters(client, code)
    assert not enters(client, code, query="?recovery=1")
    assert not sees_pages(client)


def test_codes_cannot_be_guessed_for_long_whatever_the_password_counts(key, noon):
    for _ in range(10):
        assert not enters(with_password(), "000000")
        noon.shift(30)
    noon.shift(30)
    client = with_password()
    answer = client.post(CODE, {"code": code_of(key)})

    assert "Too many failed attempts" in answer.content.decode()
    assert not sees_pages(client)


def test_each_recovery_code_opens_once_and_stands_in_no_table(ada, key):
    codes = new_recovery_codes(ada)
    first, second = with_password(), with_password()

    assert enters(first, codes[0].upper(), query="?recovery=1")
    assert not enters(second, codes[0], query="?recovery=1")
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 9
    assert not kept & {code.replace("-", "") for code in codes}
    assert "9 are left" in LogEntry.objects.latest("id").change_message


def test_where_it_is_demanded_nothing_comes_before_setting_it_up(ada, demanded):
    client = with_password()
    assert client.get("/admin/auth/user/")["Location"].startswith(ENROL)

    page = client.get(ENROL)
    secret = client.session["headwater.second-factor.key"]
    assert "data:image/svg" in page.content.decode()
    assert "style=" not in page.context["picture"]
    assert client.post(ENROL, {"code": "000000"}).status_code == 200
    assert not sees_pages(client)

    done = client.post(ENROL, {"code": code_of(secret)})
    assert len(done.context["codes"]) == 10
    assert done["Cache-Control"].startswith("max-age=0")
    assert sees_pages(client)
    assert not enters(with_password(), code_of(secret)), "the code that set it up is used"


def test_who_knows_only_the_password_cannot_set_up_another(key):
    client = with_password()

    assert client.post(ENROL, {"code": "000000"})["Location"] == CODE
    assert client.post(OWN).status_code == 302
    assert TOTPDevice.objects.get().key == key


def test_an_administrator_resets_it_and_says_why(ada, key):
    client = with_password()
    assert enters(client, code_of(key))
    grace = User.objects.create_superuser("grace", password=PASSWORD)
    admin = logged_in(grace)
    path = f"/admin/auth/user/{ada.pk}/reset-second-factor/"

    assert admin.get(path).status_code == 200
    assert TOTPDevice.objects.exists(), "asking changes nothing"
    assert admin.post(path, {"why": "Lost the phone; spoke to her."}).status_code == 302
    assert not TOTPDevice.objects.exists()
    entry = LogEntry.objects.latest("id")
    assert (entry.user, entry.object_id) == (grace, str(ada.pk))
    assert "before, an authenticator; after, none. Why: Lost the phone" in entry.change_message


def test_nobody_else_resets_it_and_the_librarys_own_pages_are_gone(ada, key):
    client = logged_in(staff_who_may("auth.view_user", "otp_totp.view_totpdevice"))

    assert client.post(f"/admin/auth/user/{ada.pk}/reset-second-factor/", {"why": "x"}).status_code == 403
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_a_session_it_opened_ends_with_it(ada, key, demanded):
    client = with_password()
    assert enters(client, code_of(key))
    call_command("reset_second_factor", "ada")

    assert client.get("/admin/")["Location"].startswith(ENROL)


def test_keys_of_the_api_are_asked_for_no_code(key):
    client = with_password()

    assert client.get("/livez").status_code == 200
    assert client.get("/api/v1/trending").status_code == 401
