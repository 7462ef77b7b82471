"""A weight, from the slider to everybody and back: as a product manager goes through it, at a desk and with a phone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from api.models import ApiKey
from catalog.models import User
from console.tasks import compare_mixes
from experiments.assignment import assign
from experiments.models import Experiment, Exposure, Guardrail
from experiments.running import forget_running, read_running
from retrieval.mixes import create_revision, publish
from retrieval.models import MixChange, MixRevision, PublishedMix
from retrieval.readouts import advance
from retrieval.rollups import roll_up
from tests.browser.axe import serious_faults
from tests.worlds import NOW

DESK = {"viewport": {"width": 1280, "height": 800}}
# The page is laid out for the phone, as its browser does, and not only cut at its width.
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
THUMB_PX = 24  # what WCAG 2.2 asks for of anything that is to be hit
PEOPLE = 7_000  # about 175 in each arm of 2.5 %: that one of them has under 105 is a matter of five sigmas
# Trending counts by learned numbers, so its weight does nothing.
LIVE = {
    "sources": [
        {"name": "content", "quota": 600, "limit_ms": 5000},
        {
            "name": "trending",
            "quota": 400,
            "limit_ms": 5000,
            "calibration": {"present": 0.0, "score": 0.1, "rank": 0.0},
        },
    ],
    "merge": "calibrated",
}


@pytest.fixture
def live(site: str) -> MixRevision:
    revision = create_revision(LIVE, note="What is live.")
    publish(revision.number, why="To begin with.")
    User.objects.bulk_create(User(external_id=f"p{n}", created_at=NOW) for n in range(PEOPLE))
    return revision


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    screen = page.viewport_size
    assert screen
    page.wait_for_load_state()  # a phone lays out what has not told its width yet as 980 pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"], page.url
    assert serious_faults(page) == []


def go_to(page: Page, title: str) -> None:
    """By the menu, which a phone has to open first."""
    if page.viewport_size == PHONE["viewport"]:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name=title).first.click()


def drag(page: Page, slider: Locator, share: float) -> None:
    """With the pointer, to this share of its length."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    assert box["height"] >= THUMB_PX
    assert box["width"] >= 100, "on less nobody hits a number"
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()


def traffic_of(experiment: Experiment) -> int:
    """Some of the people in each arm ask, see and like what is first; how many."""
    running = read_running()
    forget_running()
    arms: dict[str, list[str]] = {}
    for name in (f"p{n}" for n in range(PEOPLE)):
        for assignment in assign(name, "default", running):
            arms.setdefault(assignment.arm.name, []).append(name)
    # Of fewer than a hundred in an arm nothing is said.
    # By turns: what the machine does besides takes as long from both.
    people = [name for pair in zip(*(names[:105] for names in arms.values()), strict=True) for name in pair]
    assert len(people) == 2 * 105
    _, key = ApiKey.objects.create_key(name="shop", scopes=["read", "events"])
    client = Client(headers={"authorization": f"Api-Key {key}"})
    events = []
    for name in people:
        asked = {"k": 3, "fields": "ids", "log_impressions": "true"}
        answer = client.get(f"/api/v1/users/{name}/candidates", asked).json()
        assert set(answer["arms"]) == {experiment.name}
        liked = {"user_id": name, "item_id": answer["item_ids"][0], "type": "like"}
        events.append({**liked, "event_id": f"e-{name}", "request_id": answer["request_id"]})
    stored = client.post("/api/v1/events", {"events": events}, content_type="application/json")
    assert stored.status_code == 200
    return len(people)


@pytest.mark.parametrize(
    "screen",
    [
        pytest.param("desk", marks=pytest.mark.browser_context_args(**DESK)),
        pytest.param("phone", marks=pytest.mark.browser_context_args(**PHONE)),
    ],
)
def test_a_weight_is_moved_previewed_tried_out_and_rolled_back(
    screen: str, site: str, live: MixRevision, staff_page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(compare_mixes, "apply_async", lambda arguments, **_: asked.append(arguments))
    page = staff_page
    page.get_by_role("link", name="Admin", exact=True).click()
    go_to(page, "Mix editor")
    fits(page)
    page.get_by_role("link", name="Tune", exact=True).click()

    row = page.locator("[data-source='trending']")
    expect(row).to_contain_text("Its weight does nothing")
    expect(row.locator("output")).to_have_text("learned")
    row.get_by_label("Drop the learned numbers").check()
    expect(row.locator("output")).to_have_text("50.0 %")
    weight = row.get_by_role("spinbutton", name="Weight")
    drag(page, row.get_by_role("slider"), 1.0)
    expect(weight).to_have_value("2")  # as far as it goes
    weight.fill("3")
    expect(row.locator("output")).to_have_text("75.0 %")
    page.get_by_text("Other sources").click()
    page.locator("[data-source='explore']").get_by_role("checkbox", name="Explor").check()
    page.get_by_label("Overfetch").fill("9")
    page.get_by_label("Why this draft").fill("More of what is hot.")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("9: use a number from 1 to 4.")).to_be_visible()
    expect(page.get_by_label("Why this draft")).to_have_value("More of what is hot.")
    fits(page)
    page.get_by_label("Overfetch").fill("1.3")
    page.get_by_role("button", name="Save draft and preview").click()

    expect(page.get_by_text("appears here by itself")).to_be_visible()
    compare_mixes(*asked[0])  # as a worker does
    expect(page.get_by_text("of 3 people were asked under both mixes")).to_be_visible()
    expect(page.get_by_text("Too little to say anything: 0 of")).to_be_visible()
    expect(page.locator(".mix-enters").first).to_be_visible()
    fits(page)
    assert not Exposure.objects.exists()

    page.get_by_role("link", name="Try out as an experiment").click()
    page.get_by_label("Percent of the people").fill("5")
    page.get_by_label("Every surface.").check()
    fits(page)
    page.get_by_label("What do you expect").fill("People like what is hot.")
    page.get_by_role("button", name="Start the experiment").click()
    expect(page.get_by_text("Running, 5 % of the users")).to_be_visible()

    # Three films each of so few: what is hot shows truly fewer of them, which must not end the story. Nor must a busy
    # machine.
    Guardrail.objects.filter(metric__in=["coverage", "gini"]).update(limit=1)
    Guardrail.objects.filter(metric="latency").update(limit=10)
    people = traffic_of(Experiment.objects.get())
    advance(datetime.now(UTC))
    roll_up(datetime.now(UTC))

    page.reload()
    users = (
        page.locator("section").filter(has_text="Sample-ratio check").locator("tbody .number:nth-child(2)")
    )
    assert sum(int(text) for text in users.all_inner_texts()) == people
    expect(page.get_by_role("row", name="Likes")).to_contain_text("%")
    expect(page.get_by_role("link", name="to everybody")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Roll back").click()
    page.get_by_label("Why").fill("No better.")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped, 5 % of the users")).to_be_visible()
    fits(page)
    forget_running()

    assert PublishedMix.objects.get(surface="").revision == live
    assert [one.what for one in MixChange.objects.order_by("id")][-2:] == ["published", "drafted"]
