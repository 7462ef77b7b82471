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


def test_a_mix_is_followed_and_published(site: str, staff_page: Page) -> None:
    page = staff_page
    page.goto(f"{site}/admin/retrieval/mixrevision/")
    page.get_by_role("link", name="What the tests are served.").click()
    page.get_by_role("link", name="Edit as a new revision").click()
    page.get_by_label("Note").fill("More of what is hot.")
    body = page.get_by_label("Body")
    body.fill(body.input_value().replace("400", "900"))
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_role("link", name="More of what is hot.").click()
    page.get_by_role("link", name="Publish or roll back to this").click()
    expect(page.locator("pre")).to_contain_text('"quota": 900')
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is served on all surfaces")).to_be_visible()


def test_the_pages_of_the_admin_open_without_a_complaint(site: str, staff_page: Page) -> None:
    for path in ("", "catalog/item/", "catalog/user/", "retrieval/modelversion/", "api/apikey/add/"):
        staff_page.goto(f"{site}/admin/{path}")
        expect(staff_page.locator("#nav-sidebar, nav").first).to_be_visible()
