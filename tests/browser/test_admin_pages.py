from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from retrieval.models import ModelVersion
from tests.console.staff import PASSWORD


def test_logging_in_and_out(site: str, page: Page) -> None:
    page.goto(f"{site}/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Mixes", exact=False).first).to_be_visible()
    page.goto(site)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/inspector/")
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_pages_of_the_admin_open_without_a_complaint(site: str, staff_page: Page) -> None:
    for path in ("", "catalog/item/", "catalog/user/", "retrieval/modelversion/", "api/apikey/add/"):
        staff_page.goto(f"{site}/admin/{path}")
        expect(staff_page.locator("#nav-sidebar, nav").first).to_be_visible()


def test_long_words_and_names_stay_on_a_phones_screen(site: str, staff_page: Page) -> None:
    report = {"snapshot": {"sha256": "9b0dd681" * 8}}
    version = ModelVersion.objects.create(cutoff=datetime(2026, 1, 15, tzinfo=UTC), report=report)
    staff_page.set_viewport_size({"width": 390, "height": 844})

    # The second is of a key that isn't there: the message names it.
    for path in (f"retrieval/modelversion/{version.pk}/change/", f"api/apikey/{'x' * 120}/change/"):
        staff_page.goto(f"{site}/admin/{path}")
        assert staff_page.evaluate("document.documentElement.scrollWidth") <= 390, path

    staff_page.goto(f"{site}/admin/retrieval/modelversion/")
    crumbs = staff_page.locator("#header-inner h1")
    expect(crumbs.get_by_text("Model versions")).to_be_visible()
    expect(crumbs.get_by_text("Retrieval")).to_be_hidden()
