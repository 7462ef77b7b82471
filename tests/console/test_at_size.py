"""No page of the console reads a big table whole."""

import logging
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client

from catalog.models import Block, Item, User
from coldstart.models import Cell, Consent, RollUp, SurveyAnswer, TrialChange
from experiments.models import Experiment, Exposure, Forced, Variant
from retrieval.models import ModelVersion
from tests.console.mixing.pages import with_a_worker
from tests.console.screening import open_screening
from tests.console.staff import logged_in
from tests.console.statements import Statement, as_if_large, big_tables, statements, whole_reads
from tests.console.test_staff_rights import pages
from tests.experiments.running import draft
from tests.worlds import NOW, World, add_news

pytestmark = pytest.mark.django_db
# What these do is work that was asked for, by a button that says so, and not a page that somebody opens.
BUTTONS = {"delete", "follow", "history", "password"}
# Pages that are asked something, which sends other statements.
ASKED = (
    "/inspector/?user=ann&fresh=1&examples=1",
    "/inspector/?user=ann&why=e&show=sources",
    "/admin/catalog/item/trending/?half_life_h=24&tag=funny",
    "/admin/catalog/item/trending/?category=crime",
    "/admin/retrieval/daytotals/?step=hour&days=7&surface=-&people=new",
    "/admin/retrieval/daytotals/?step=day&days=28&source=content",
    "/admin/retrieval/daytotals/sources/?step=day&days=28",
    "/admin/catalog/item/?p=2",
)
EXPORTS = ("items", "users", "events", "follows", "creator follows")


def addresses() -> Iterator[str]:
    """Every page of what there is one of, the lists searched too; and the pages outside of the admin."""
    yield f"/admin/retrieval/daytotals/?arm={Variant.objects.earliest('pk').pk}&surface=-&people=new"
    yield from ("/", "/admin/", "/inspector/", "/inspector/?user=ann", "/inspector/?user=a", *ASKED)
    for path in pages():
        found = re.fullmatch(r"(\w+)/(\w+)/(1/)?(?:([\w-]+)/)?", path)
        if found is None or found[4] in BUTTONS:
            continue
        address, model = f"/admin/{path}", apps.get_model(found[1], found[2])
        if found[3]:
            one = model._default_manager.order_by("pk").first()
            if one is None:
                continue
            address = address.replace("/1/", f"/{one.pk}/")
        yield address
        if not found[3] and not found[4] and admin.site._registry[model].search_fields:
            yield f"{address}?q=a"


def look(client: Client, address: str) -> int:
    """The status of a page, or of an export to its end."""
    if address not in EXPORTS:
        return client.get(address).status_code
    asked = {"do": "export", "kind": address, "format": "jsonl", "most": "1000", "why": "To see."}
    answer = client.post("/admin/console/datapage/", asked)
    assert b"".join(answer.streaming_content)
    return answer.status_code


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW):
        world = add_news(open_screening())
        _one_of_each(world)
        yield world


def _one_of_each(world: World) -> None:
    """Of a table without a page Postgres believes no number of rows."""
    ann, heat = world.users["ann"], world.items["heat"]
    RollUp.objects.create(counted_until=NOW)
    ModelVersion.objects.create(cutoff=NOW)
    consent = Consent.objects.create(version="1", text="Yes.")
    SurveyAnswer.objects.create(user_id=ann, interest_ids=[], answered_at=NOW, consent=consent)
    Block.objects.create(user_id=ann, tag="gore", created_at=NOW)
    experiment = draft("fresher-first", fresher={})
    Experiment.objects.update(status=Experiment.Status.RUNNING)
    variant = experiment.variants.get(control=True)
    Forced.objects.create(experiment=experiment, user_id=ann, variant=variant)
    Exposure.objects.create(experiment=experiment, user_id=ann, variant=variant, exposed_at=NOW)
    change = {"at": NOW, "state": "new", "share": 0.1, "exposures": 0, "engagements": 0, "why": "It is new."}
    TrialChange.objects.create(trial_id=world.items["premiere"], **change)
    Cell.objects.create(item_id=heat, hour=NOW, exposures=1, engagements=0)


def test_no_page_reads_a_big_table_whole(world: World, monkeypatch: pytest.MonkeyPatch):
    with_a_worker(monkeypatch)
    client, big = logged_in(), big_tables()
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    asked: dict[str, tuple[str, Statement]] = {}
    with as_if_large(big):
        for address in (*addresses(), *EXPORTS):
            with statements() as seen:
                assert look(client, address) < 500, address
            for statement in seen:
                if statement.reads:
                    asked.setdefault(statement.text, (address, statement))
        found = [
            f"{address} {step}\n{statement.text[-900:]}"
            for address, statement in asked.values()
            for step in whole_reads(statement, big)
        ]

    assert len(asked) > 50
    assert found == [], "\n\n".join(found)


def test_what_grows_with_items_people_and_what_they_do_is_big():
    big = big_tables()

    assert big >= {
        "catalog_item",
        "catalog_user",
        "catalog_interaction",
        "coldstart_impression",
        "catalog_follow",
    }
    assert big >= {"experiments_exposure", "coldstart_trialchange", "coldstart_impression_default"}
    assert big >= {"retrieval_sourcehour", "retrieval_answerhour", "django_admin_log", "django_session"}
    assert not big & {"retrieval_mixrevision", "retrieval_daytotals", "experiments_experiment"}


def test_what_would_be_read_whole_is_found_and_what_an_index_bounds_is_not():
    def reads(sql: str) -> bool:
        with as_if_large(big_tables()):
            statement = Statement(sql, None, type(connection.connection.cursor()))
            return bool(whole_reads(statement, big_tables()))

    connection.ensure_connection()
    assert reads(str(Item.objects.order_by("title")[:50].query))
    assert reads("SELECT count(*) FROM catalog_item")
    assert reads("SELECT * FROM catalog_user WHERE location = 'x' LIMIT 5")
    assert reads("SELECT count(*) FROM catalog_interaction WHERE dwell_s > 1")
    assert not reads("SELECT * FROM catalog_item ORDER BY id DESC LIMIT 50")
    assert not reads("SELECT count(*) FROM (SELECT 1 FROM catalog_item LIMIT 200) AS head")
    assert not reads(
        "SELECT count(*) FROM catalog_interaction WHERE user_id = 7 AND occurred_at > '2026-01-01'"
    )
    assert not reads(str(User.objects.filter(pk=3).query))
