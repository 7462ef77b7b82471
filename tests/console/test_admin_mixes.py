import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from retrieval.mixes import forget_cached_mixes, publish
from retrieval.models import MixRevision, PublishedMix
from retrieval.source import all_sources
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
ADD = "/admin/retrieval/mixrevision/add/"


def body(quota: int = 400) -> dict[str, Any]:
    return {"sources": [{"name": next(iter(all_sources())), "quota": quota}]}


def a_revision(quota: int = 400, note: str = "first") -> MixRevision:
    return MixRevision.objects.create(body=body(quota), note=note)


def form(quota: int = 400, **changes: str) -> dict[str, str]:
    return {"name": "default", "note": "More of it.", "body": json.dumps(body(quota)), **changes}


def page(revision: MixRevision, name: str) -> str:
    return f"/admin/retrieval/mixrevision/{revision.number}/{name}/"


def served(surface: str = "") -> int | None:
    row = PublishedMix.objects.filter(surface=surface).first()
    return row.revision_id if row else None


@pytest.fixture(autouse=True)
def _no_mix_from_another_test() -> Iterator[None]:
    forget_cached_mixes()
    yield
    forget_cached_mixes()


@pytest.fixture
def client() -> Client:
    return logged_in()


def test_a_revision_remembers_who_wrote_it_and_why(client: Client) -> None:
    client.post(ADD, form(300))
    revision = MixRevision.objects.get()
    assert (revision.note, revision.author, revision.body) == ("More of it.", "ada", body(300))
    assert served() is None


def test_a_revision_needs_a_note(client: Client) -> None:
    client.post(ADD, form(note=""))
    assert not MixRevision.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('{"sources": []}', "sources: name at least one source."),
        ('{"sources": [{"name": "nobody", "quota": 1}]}', "sources[0].name"),
        ("{", "Enter a valid JSON."),
    ],
)
def test_a_wrong_body_is_refused_where_it_is_wrong(client: Client, wrong: str, told: str) -> None:
    answer = client.post(ADD, form(body=wrong))
    assert told in answer.content.decode()
    assert not MixRevision.objects.exists()


def test_a_revision_is_never_edited(client: Client) -> None:
    revision = a_revision()
    assert client.post(page(revision, "change"), form(5)).status_code == 403
    assert client.post(page(revision, "delete"), {"post": "yes"}).status_code == 403
    revision.refresh_from_db()
    assert revision.body == body(400)


def test_a_new_revision_begins_as_a_copy_of_the_one_it_follows(client: Client) -> None:
    old = a_revision(123)
    publish(a_revision(77).number)
    draft = client.get(page(old, "follow"), follow=True)
    assert 'value="123"' in draft.content.decode()
    assert "&quot;quota&quot;: 77" in client.get(ADD).content.decode()


def test_the_question_shows_what_will_change_and_changes_nothing(client: Client) -> None:
    publish(a_revision(400).number)
    shown = client.get(page(a_revision(300), "publish")).content.decode()
    assert ">400<" in shown
    assert ">300<" in shown
    assert served() == MixRevision.objects.order_by("number")[0].number


def test_the_answer_publishes_under_the_name_of_who_gave_it(client: Client) -> None:
    revision = a_revision()
    client.post(page(revision, "publish"), {"surface": "", "why": "x"})
    assert served() == revision.number
    assert PublishedMix.objects.get().published_by == "ada"


def test_one_surface_can_have_a_mix_of_its_own(client: Client) -> None:
    general, own = a_revision(1), a_revision(2)
    client.post(page(general, "publish"), {"surface": "", "why": "x"})
    client.post(page(own, "publish"), {"surface": "home", "why": "x"})
    assert (served(), served("home")) == (general.number, own.number)


def test_rolling_back_is_publishing_an_old_revision(client: Client) -> None:
    old, new = a_revision(1), a_revision(2)
    for revision in (old, new):
        publish(revision.number)
    assert "Roll back" in client.get(page(old, "publish")).content.decode()
    client.post(page(old, "publish"), {"surface": "", "why": "x"})
    assert served() == old.number


def test_a_revision_whose_source_is_gone_is_not_published(client: Client) -> None:
    revision = MixRevision.objects.create(body={"sources": [{"name": "retired"}]}, note="old")
    answer = client.post(page(revision, "publish"), {"surface": "", "why": "x"}, follow=True)
    assert "Not published" in answer.content.decode()
    assert served() is None


def test_who_may_write_mixes_may_not_publish_them() -> None:
    revision = a_revision()
    client = logged_in(staff_who_may("retrieval.add_mixrevision", "retrieval.view_mixrevision"))
    assert client.post(page(revision, "publish"), {"surface": "", "why": "x"}).status_code == 403
    assert served() is None
