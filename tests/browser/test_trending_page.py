from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from retrieval import trending
from retrieval.mixes import published_mix
from tests.browser.axe import serious_faults


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "light"), ((390, 844), "dark")])
def test_what_is_hot_and_another_half_life(site: str, staff_page: Page, size, scheme) -> None:
    page = staff_page
    trending.rebuild(datetime.now(UTC))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/admin/catalog/item/trending/")
    expect(page.get_by_role("heading", name="How it stands")).to_be_visible()
    page.get_by_label("Half-life in hours").fill("1000")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Preview: a half-life of 1000 h")).to_be_visible()
    expect(page.get_by_role("row", name="Fargo")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []

    # The inspector with all that it can add.
    revision = published_mix().revision
    page.goto(f"{site}/inspector/?user=ann&why=runner&examples=1&against=mix:{revision}")
    expect(page.get_by_text("What every source says")).to_be_visible()
    expect(page.get_by_role("heading", name="Comes in")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
