from playwright.sync_api import Page, expect

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
