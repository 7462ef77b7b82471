from playwright.sync_api import Page, expect

from tests.browser.axe import serious_faults
from tests.shares.logged import log_draws


def test_the_page_of_a_mixs_bandit_at_a_desk_and_on_a_phone(site: str, staff_page: Page) -> None:
    page, revision = staff_page, log_draws()
    page.goto(f"{site}/admin/retrieval/mixrevision/{revision}/change/")
    page.get_by_role("link", name="Bandit").first.click()

    for size in ((1280, 800), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(page.get_by_role("img", name="always hot")).to_be_visible()
        expect(page.get_by_role("heading", name="events=10+")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
