"""Setting up an authenticator and logging in with it, at a desk and with a phone."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from console.config import config
from console.second_factor import factors
from console.second_factor.factors import as_text
from tests.browser.axe import serious_faults
from tests.console.staff import PASSWORD

SHOTS = os.environ.get("SCREENSHOTS")


def is_sound(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/login/?next=/admin/auth/user/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_is_set_up_before_anything_else_and_asked_for_at_the_next_log_in(
    site: str, page: Page, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    demanding = replace(config(), require_totp=True)
    monkeypatch.setattr(factors, "config", lambda: demanding)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    log_in(page, site)

    picture = page.get_by_alt_text("QR code of the secret below")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100, "the policy lets the picture through"
    is_sound(page, f"enrol-{width}")
    typed = page.get_by_text(re.compile(r"^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$")).inner_text()
    key = Session.objects.get().get_decoded()["headwater.second-factor.key"]
    assert typed == as_text(key)
    page.get_by_label("Code").fill(f"{totp(bytes.fromhex(key)):06}")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^\w{5}-\w{5}$"))).to_have_count(10)
    is_sound(page, f"codes-{width}")
    recovery = page.get_by_role("listitem").first.inner_text().strip()
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{site}/admin/")
    page.goto(f"{site}/admin/second-factor/")
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    is_sound(page, f"standing-{width}")

    page.context.clear_cookies()
    TOTPDevice.objects.update(last_t=0)  # the half-minute of setting it up is over
    log_in(page, site)
    expect(page.get_by_label("Code")).to_have_attribute("autofocus", "")
    is_sound(page, f"code-{width}")
    page.get_by_label("Code").fill(f"{totp(bytes.fromhex(key)):06}")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{site}/admin/auth/user/")
    is_sound(page, f"staff-{width}")

    page.context.clear_cookies()
    log_in(page, site)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery)
    is_sound(page, f"recovery-{width}")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{site}/admin/auth/user/")
    expect(page.get_by_text("9 are left")).to_be_visible()
