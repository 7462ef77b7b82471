"""The simulated audience's page: what it says, and its switch."""

import json
import time
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.auth.models import User as Staff
from django.test import Client

from console.roles import ADMINISTRATOR, ENGINEER
from tests.console.staff import logged_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/console/audiencepage/"


def somebody(role: str) -> Client:
    person = Staff.objects.create(username=role, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return logged_in(person)


@pytest.fixture
def at_work(console_files: Path) -> Path:
    """Its switch, where the demo is loaded and its audience has just said that it is on."""
    said = {"title": "A simulated audience is on", "lines": ["Invented."], "until": time.time() + 60}
    (console_files / "demo-audience.json").write_text(json.dumps(said))
    (console_files / "demo-notice.json").write_text(json.dumps({"title": "Demo", "lines": []}))
    return console_files / "demo-audience.off"


def test_an_administrator_switches_it_off_and_on_and_both_are_kept(at_work: Path):
    client = somebody(ADMINISTRATOR)
    assert "It is on" in client.get(PAGE).content.decode()

    client.post(PAGE, {"to": "off", "why": "We show real people."})
    assert at_work.exists()
    assert "It is off" in client.get(PAGE).content.decode()
    client.post(PAGE, {"to": "on", "why": "Alive again."})

    assert not at_work.exists()
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("id")] == [
        "Switched from on to off. Why: We show real people.",
        "Switched from off to on. Why: Alive again.",
    ]


def test_it_is_not_switched_without_a_reason_or_by_others(at_work: Path):
    somebody(ADMINISTRATOR).post(PAGE, {"to": "off", "why": ""})
    assert not at_work.exists()

    engineer = somebody(ENGINEER)
    assert "Switch it off" not in engineer.get(PAGE).content.decode()
    assert engineer.post(PAGE, {"to": "off", "why": "x"}).status_code == 403
    assert not at_work.exists()


def test_the_home_says_that_its_traffic_is_simulated_and_leads_there(at_work: Path):
    shown = somebody(ADMINISTRATOR).get("/admin/").content.decode()
    assert "<strong>Simulated.</strong> A program plays people of the demo; it is on." in shown
    assert f'href="{PAGE}">Switch it off' in shown


def test_where_no_demo_is_there_is_none(console_files: Path):
    client = somebody(ADMINISTRATOR)
    assert "There is none here" in client.get(PAGE).content.decode()
    client.post(PAGE, {"to": "off", "why": "x"})
    assert list(console_files.iterdir()) == []
