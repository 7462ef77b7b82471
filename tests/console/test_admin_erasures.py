"""Erasing a person by hand."""

import pytest
from django.contrib.admin.models import LogEntry

from catalog.models import User
from retrieval.models import Erasure
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db
LIST = "/admin/retrieval/erasure/"
FORM = {"user": "ann", "again": "ann", "why": "She asked by letter."}


@pytest.fixture(autouse=True)
def _world():
    movie_world()


def test_an_erasure_shows_its_receipt_and_is_found_by_the_id_again():
    client = logged_in()
    shown = client.post(f"{LIST}erase/", FORM, follow=True).content.decode()
    erasure = Erasure.objects.get()

    assert not User.objects.filter(external_id="ann").exists()
    assert str(erasure.receipt) in shown
    assert "catalog_interaction" in shown
    assert str(erasure.receipt) in client.get(LIST, {"q": "ann"}).content.decode()
    assert str(erasure.receipt) in client.get(LIST, {"q": str(erasure.receipt)}).content.decode()
    assert str(erasure.receipt) not in client.get(LIST, {"q": "ben"}).content.decode()


def test_the_log_says_who_and_why_and_not_whom():
    logged_in().post(f"{LIST}erase/", FORM)

    entry = LogEntry.objects.get()
    assert "She asked by letter." in entry.get_change_message()
    assert "ann" not in f"{entry.object_repr} {entry.change_message}"


@pytest.mark.parametrize("wrong", [{"again": "anna"}, {"why": ""}, {"user": "nobody", "again": "nobody"}])
def test_a_slip_erases_nobody(wrong):
    logged_in().post(f"{LIST}erase/", {**FORM, **wrong})

    assert User.objects.count() == 4
    assert not Erasure.objects.exists()


def test_who_may_look_at_users_erases_none():
    client = logged_in(staff_who_may("catalog.view_user", "retrieval.view_erasure"))
    assert client.post(f"{LIST}erase/", FORM).status_code == 403
    assert User.objects.filter(external_id="ann").exists()
