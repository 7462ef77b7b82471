import json
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory

from catalog.models import EventType, Follow, Item, User
from console.admin.access import LargeTable
from tests.catalog.people import NOW, add_cast
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
LARGE = [model for model, page in admin.site._registry.items() if isinstance(page, LargeTable)]


def titles(shown: str) -> set[str]:
    return {name for name in ("fargo", "heat", "alien") if f">{name}<" in shown}


def test_items_are_found_by_the_beginning_of_their_id() -> None:
    add_cast()
    response = logged_in().get("/admin/catalog/item/", {"q": "far"})
    assert titles(response.content.decode()) == {"fargo"}


@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.__name__)
def test_a_large_table_is_searched_through_an_index(model: type[Item]) -> None:
    """With sequential scans out of the planner's hands, a search that no index serves still shows one."""
    page = admin.site._registry[model]
    queryset, _ = page.get_search_results(RequestFactory().get("/"), model._default_manager.all(), "far")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = on")
        plan = queryset.order_by().explain()
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.__name__)
def test_a_large_table_is_never_counted(model: type[Item]) -> None:
    client = logged_in()
    page = admin.site._registry[model]
    assert page.show_full_result_count is False
    response = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
    assert response.context["cl"].paginator.count == 9_999_999_999


def test_nothing_of_the_catalogue_is_edited_here() -> None:
    add_cast()
    client = logged_in()
    heat = Item.objects.get(external_id="heat")
    assert client.post(f"/admin/catalog/item/{heat.pk}/change/", {"title": "Cold"}).status_code == 403
    assert client.post(f"/admin/catalog/item/{heat.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_item_is_taken_out_and_the_tasks_are_told() -> None:
    add_cast()
    heat = Item.objects.get(external_id="heat")
    form = {"action": "take_out", "_selected_action": [heat.pk]}
    assert logged_in().post("/admin/catalog/item/", form).status_code == 302
    after = Item.objects.get(external_id="heat")
    assert after.active is False
    assert after.updated_at > heat.updated_at


def test_who_may_only_look_can_take_nothing_out() -> None:
    add_cast()
    heat = Item.objects.get(external_id="heat")
    client = logged_in(staff_who_may("catalog.view_item"))
    client.post("/admin/catalog/item/", {"action": "take_out", "_selected_action": [heat.pk]})
    assert Item.objects.get(external_id="heat").active is True


def test_follows_are_found_by_the_follower() -> None:
    add_cast()
    alice, bob = User.objects.order_by("external_id")
    Follow.objects.create(follower=alice, followee=bob, created_at=NOW)
    client = logged_in()
    found = [
        len(client.get("/admin/catalog/follow/", {"q": q}).context["cl"].result_list)
        for q in ("alice", "bob")
    ]
    assert found == [1, 0]


def test_an_event_types_weight_can_be_changed_but_not_its_name() -> None:
    view = EventType.objects.get(name="view")
    form = {"name": "glance", "weight": "0.5", "active": "on"}
    assert logged_in().post(f"/admin/catalog/eventtype/{view.pk}/change/", form).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.weight) == ("view", 0.5)


def test_demonstration_data_is_named_on_the_pages_that_show_it(console_files: Path) -> None:
    add_cast()
    notice = {"title": "Films", "lines": ["The follow graph is made up."]}
    (console_files / "demo-notice.json").write_text(json.dumps(notice))
    client = logged_in()
    item = Item.objects.get(external_id="heat")
    for path in ("", f"{item.pk}/change/"):
        assert "The follow graph is made up." in client.get(f"/admin/catalog/item/{path}").content.decode()
