"""The onboarding pages in a browser: by mouse, by keyboard alone, without JavaScript, on a phone and a desk."""

import pytest
from playwright.sync_api import Browser, Page, expect

from coldstart import demographics
from coldstart.interests import forget_interests, learn_representatives
from coldstart.links import welcome_path
from coldstart.models import Interest
from retrieval.mixes import create_revision, publish, shipped_body
from tests.browser.axe import serious_faults
from tests.worlds import NOW

SCREENS = [(1280, 800, "light"), (390, 844, "light"), (390, 844, "dark")]
SIZES = pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
NAMES = ["Space", "Crime", "Romance", "Comedy", "Snow", "Letters"]


@pytest.fixture
def survey(site: str) -> str:
    """The address of a new person's survey with six interests."""
    for place, name in enumerate(NAMES):
        slug = name.lower()
        Interest.objects.create(slug=slug, name=name, categories=[slug], tags=[slug], position=place)
    learn_representatives(NOW)
    forget_interests()
    demographics.rebuild(NOW)
    publish(create_revision(shipped_body(), note="as shipped").number)
    return f"{site}{welcome_path('dan')}"


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_every_page_fits_and_keeps_nobody_out(
    survey: str, page: Page, width: int, height: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    for address in (survey, f"{survey}feed"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert serious_faults(page) == [], address


@SIZES
def test_by_mouse_from_the_link_to_the_first_feed(survey: str, page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(survey)
    for name in ("Space", "Crime", "Romance", "Comedy"):
        page.get_by_role("checkbox", name=name).click()
    expect(page.get_by_role("status")).to_contain_text("4 chosen, ready")
    page.get_by_role("checkbox", name="I agree").click()
    page.get_by_role("button", name="Show my feed").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your first feed")
    expect(page.locator(".cards > li").first).to_contain_text("Because you chose")
    expect(page.get_by_role("list", name="What you chose").get_by_role("listitem")).to_have_count(4)
    page.get_by_role("link", name="Change what I chose").click()
    expect(page.get_by_role("checkbox", name="Space")).to_be_checked()


@SIZES
def test_by_keyboard_alone(survey: str, page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(survey)
    wanted = {"space", "crime", "romance", "comedy", "consent"}
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "({id: document.activeElement.id, text: document.activeElement.innerText || ''})"
        )
        if focused["id"].removeprefix("i-") in wanted:
            page.keyboard.press("Space")
        if focused["text"] == "Show my feed":
            page.keyboard.press("Enter")
            break

    page.wait_for_url("**/feed")
    expect(page.locator(".cards > li").first).to_contain_text("Because you chose")


def test_searching_narrows_the_grid_and_keeps_the_choice(survey: str, page: Page) -> None:
    page.goto(survey)
    page.get_by_role("checkbox", name="Crime").click()
    page.get_by_label("Search interests and titles").press_sequentially("ali")

    expect(page.locator(".tile")).to_have_count(2)
    expect(page.get_by_role("checkbox", name="Crime")).to_be_checked()
    page.get_by_label("Search interests and titles").fill("")
    page.get_by_label("Search interests and titles").press_sequentially(" ")
    expect(page.locator(".tile")).to_have_count(6)
    assert serious_faults(page) == []


@SIZES
def test_without_javascript(survey: str, browser: Browser, width: int, height: int) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(survey)
    page.get_by_label("Search interests and titles").fill("rom")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Romance").click()
    page.get_by_label("Search interests and titles").fill("")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("checkbox", name="Romance")).to_be_checked()
    page.get_by_role("checkbox", name="Space").click()
    page.get_by_role("button", name="Show my feed").click()
    expect(page.get_by_role("alert")).to_contain_text("please choose at least 3")
    page.get_by_role("checkbox", name="Crime").click()
    page.get_by_role("checkbox", name="I agree").click()
    page.get_by_role("button", name="Show my feed").click()

    expect(page.locator(".cards > li").first).to_contain_text("Because you chose")
    context.close()


def test_one_too_many_is_told_at_once(survey: str, page: Page) -> None:
    page.goto(survey)
    for name in ("Space", "Crime", "Romance"):
        page.get_by_role("checkbox", name=name).click()
    expect(page.get_by_role("status")).to_contain_text("3 chosen")
    page.get_by_role("checkbox", name="I agree").click()
    for name in ("Comedy", "Snow", "Letters"):
        page.get_by_role("checkbox", name=name).click()

    expect(page.get_by_role("status")).to_contain_text("1 too many")
