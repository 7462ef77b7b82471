"""The ledger's pages: what is tried, with its evidence and its reasons; and a creator's new items together."""

import pytest
from django.urls import reverse

from catalog.models import Creator, Item
from coldstart import ledger
from console.admin.evidence import picture
from tests.coldstart.new_item_worlds import HOUR, NOW, add_items, add_users, engaged, people, shown
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    """Item i1 of Coen graduated after an hour, i2 of nobody is still tried."""
    add_users(100)
    add_items(1, creator="coen")
    add_items(1)
    ledger.advance(NOW)
    shown("i1", *people(100))
    engaged("i1", *people(12))
    ledger.advance(NOW + HOUR)


def page(*names: str) -> str:
    return logged_in().get(reverse(f"admin:{names[0]}", args=names[1:])).content.decode()


def test_the_list_shows_state_evidence_and_interval(world):
    text = page("coldstart_trial_changelist")

    assert "graduated" in text
    assert "8.5 % (" in text


def test_an_items_page_says_what_changed_and_why_and_draws_each_hour(world):
    text = page("coldstart_trial_change", str(Item.objects.get(external_id="i1").pk))

    assert "12 of 100 exposures were engaged with" in text
    assert "New: it is shown to 1 % of users." in text
    assert '<svg class="evidence"' in text
    assert "25 Nov 12:00: 12 of 100" in text


def test_an_item_without_impressions_has_reasons_and_no_picture(world):
    text = page("coldstart_trial_change", str(Item.objects.get(external_id="i2").pk))

    assert "What changed, and why" in text
    assert "<svg" not in text.partition("version-report")[2].partition("</section>")[0]


def test_a_creators_page_draws_the_new_items_together(world):
    text = page("catalog_creator_change", str(Creator.objects.get().pk))

    assert "Item 1: 12 of 100" in text
    assert "graduated" in text


def test_the_ledger_is_written_by_evidence_alone(world):
    client = logged_in(staff_who_may("coldstart.view_trial", "coldstart.change_trial"))
    address = reverse("admin:coldstart_trial_change", args=[Item.objects.get(external_id="i1").pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"state": "retired"}).status_code == 403


def test_lines_lie_between_zero_and_the_end_of_the_scale_in_order():
    drawn = picture([("a", 100, 1), ("b", 0, 0)], "rates")

    for line in drawn.lines:
        assert drawn.ticks[0][0] <= line.low < line.mean < line.high <= drawn.ticks[-1][0]
    assert picture([], "rates") is None
