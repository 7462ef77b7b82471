import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_faults


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_home_page_reads_well_on_any_screen(site: str, page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(site)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_faults(page) == []


def test_the_home_page_leads_to_the_inspector_past_the_log_in(site: str, page: Page) -> None:
    page.goto(site)
    page.get_by_role("link", name="Open the inspector").click()
    expect(page.get_by_label("Password")).to_be_visible()
