import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_faults

SCREENS = [(1280, 800, "light"), (1280, 800, "dark"), (390, 844, "light")]
VIEWS = ["user=ann", "user=ann&show=sources", "user=ann&show=content", "user=nobody", "user=ann&why=fargo"]


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_every_view_fits_and_keeps_nobody_out(
    site: str, staff_page: Page, width: int, height: int, scheme: str
) -> None:
    staff_page.set_viewport_size({"width": width, "height": height})
    staff_page.emulate_media(color_scheme=scheme)
    for view in ("", *VIEWS):
        staff_page.goto(f"{site}/inspector/?{view}")
        assert staff_page.evaluate("document.documentElement.scrollWidth") <= width, view
        assert serious_faults(staff_page) == [], view


def test_from_the_start_to_a_film_and_why(site: str, staff_page: Page) -> None:
    page = staff_page
    page.goto(f"{site}/inspector/")
    page.get_by_role("link", name="ann").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for ann")
    cards = page.locator(".card")
    expect(cards.filter(has_text="Lebowski")).to_contain_text("liked Fargo")
    expect(cards.filter(has_text="Fargo (")).to_have_count(0)

    page.get_by_label("Why not this item").fill("fargo")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".verdict")).to_contain_text("already engaged with")


def test_the_tabs_show_the_sources_apart(site: str, staff_page: Page) -> None:
    page = staff_page
    page.goto(f"{site}/inspector/?user=ann")
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator(".side-by-side > section")).to_have_count(2)


def test_bars_are_drawn_under_the_strict_policy(site: str, staff_page: Page) -> None:
    """Widths are attributes of SVG: a style would be refused, and the bar be nothing."""
    page = staff_page
    page.goto(f"{site}/inspector/?user=ann&fresh=1")
    boxes = [bar.bounding_box() for bar in page.locator(".clock li:not(.stage):not(.axis) rect").all()]
    assert len(boxes) >= 2
    assert all(box is not None and box["width"] > 0 and box["height"] > 0 for box in boxes)


def test_the_form_asks_for_another_number(site: str, staff_page: Page) -> None:
    page = staff_page
    page.goto(f"{site}/inspector/?user=ann")
    page.get_by_role("spinbutton", name="Candidates").fill("2")
    page.get_by_role("button", name="Retrieve").click()
    expect(page.locator(".card")).to_have_count(2)
