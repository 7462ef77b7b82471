"""Every page of the admin, by walking its registry: a new one is tested by being there."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from unfold.admin import ModelAdmin

from catalog.models import Item
from retrieval.models import MixRevision
from tests.catalog.people import add_cast
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def address(model: type[Model], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_opens_and_can_be_searched(model: type[Model]) -> None:
    add_cast()
    client = logged_in()
    # What is one list with another's rows leads there.
    assert client.get(address(model, "changelist"), follow=True).status_code == 200
    assert client.get(address(model, "changelist"), {"q": "a b"}, follow=True).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_form_opens_or_is_refused(model: type[Model]) -> None:
    client = logged_in()
    page = admin.site._registry[model]
    allowed = page.has_add_permission(client.get("/").wsgi_request)
    assert client.get(address(model, "add")).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_wears_the_theme(model: type[Model]) -> None:
    assert isinstance(admin.site._registry[model], ModelAdmin)


def test_the_sidebar_shows_what_its_reader_may_see() -> None:
    shown = logged_in(staff_who_may("catalog.view_item")).get("/admin/").content.decode()
    assert address(Item, "changelist") in shown
    assert address(MixRevision, "changelist") not in shown
    # It shows what people did.
    assert 'href="/inspector/"' not in shown
    assert 'href="/inspector/"' in logged_in().get("/admin/").content.decode()
