import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console import facts
from retrieval.mixes import DEFAULT_BODY
from retrieval.models import LivePointer, MixRevision, ModelVersion, PublishedMix
from tests.catalog.people import NOW, add_cast

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return str(response.content.decode())


def test_anyone_is_told_what_this_is_and_where_to_go(client: Client) -> None:
    shown = page(client)
    assert "Candidate retrieval" in shown
    for address in ("/inspector/", "/api/docs/", "/admin/"):
        assert f'href="{address}"' in shown


def test_small_tables_are_counted(client: Client) -> None:
    add_cast()
    counted = facts.read_facts()
    assert (counted.items, counted.users, counted.events) == (facts.Count(3), facts.Count(2), facts.Count(0))


def test_a_large_table_is_counted_only_so_far_until_it_is_analyzed(monkeypatch: pytest.MonkeyPatch) -> None:
    add_cast()
    monkeypatch.setattr(facts, "_COUNT_UP_TO", 2)

    assert facts.count_rows("catalog_item") == facts.Count(2, "over")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_item")
    assert facts.count_rows("catalog_item") == facts.Count(3, "about")


def test_the_live_model_and_the_published_mix_are_named(client: Client) -> None:
    version = ModelVersion.objects.create(cutoff=NOW, state="live", dim=64)
    LivePointer.objects.create(version=version)
    revision = MixRevision.objects.create(body=DEFAULT_BODY, note="More of the new.")
    PublishedMix.objects.create(revision=revision)
    shown = page(client)
    assert f"v{version.pk}" in shown
    assert f"#{revision.number}" in shown
    assert "More of the new." in shown


def test_figures_are_read_once_for_many_visitors(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(client)
    with django_assert_num_queries(0):
        page(client)


def test_the_log_in_is_named_but_never_shown(client: Client, console_files: Path) -> None:
    assert "demo.json" not in page(client)
    (console_files / "demo.json").write_text('{"admin_password": "hunter2"}')
    shown = page(client)
    assert "demo.json" in shown
    assert "hunter2" not in shown
    assert str(console_files) not in shown


def test_the_notice_about_the_data_is_shown(client: Client, console_files: Path) -> None:
    notice = {"title": "MovieLens 100K", "lines": ["The follow graph is made up."]}
    (console_files / "demo-notice.json").write_text(json.dumps(notice))
    assert "The follow graph is made up." in page(client)


def test_nothing_on_the_page_can_be_changed(client: Client) -> None:
    assert client.post("/").status_code == 405
