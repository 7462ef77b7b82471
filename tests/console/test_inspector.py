from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import User as Staff
from django.test import Client

from catalog.models import Item
from retrieval.mixes import forget_cached_mixes
from retrieval.models import MixRevision
from tests.console.screening import open_screening
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield
    forget_cached_mixes()


@pytest.fixture
def client() -> Client:
    open_screening()
    return logged_in()


def shown(client: Client, query: str, status: int = 200) -> str:
    response = client.get(f"/inspector/?{query}")
    assert response.status_code == status
    return str(response.content.decode())


def test_a_stranger_is_sent_to_the_log_in_and_back(client: Client) -> None:
    response = Client().get("/inspector/?user=ann")
    assert response.headers["Location"] == "/admin/login/?next=/inspector/%3Fuser%3Dann"


def test_an_account_that_is_not_of_the_staff_sees_nothing(client: Client) -> None:
    visitor = logged_in(Staff.objects.create_user("visitor"))
    assert visitor.get("/inspector/?user=ann").status_code == 302


def test_who_may_not_see_people_may_not_inspect_them(client: Client) -> None:
    viewer = logged_in(staff_who_may("retrieval.view_mixrevision"))
    assert viewer.get("/inspector/?user=ann").status_code == 403


def test_the_inspector_changes_nothing(client: Client) -> None:
    assert client.post("/inspector/").status_code == 405


def test_the_start_suggests_who_was_active(client: Client) -> None:
    assert 'href="?user=ben"' in shown(client, "")


def test_an_answer_names_films_and_why_they_are_there(client: Client) -> None:
    page = shown(client, "user=ann")
    assert "Lebowski" in page
    assert "liked Fargo" in page


def test_what_a_user_knows_is_in_the_history_and_counted_as_left_out(client: Client) -> None:
    response = client.get("/inspector/?user=ann")
    titles = [card.tile.title for card in response.context["cards"]]
    assert "Fargo" not in titles
    assert "already engaged with" in response.content.decode()


def test_each_source_has_a_column_in_its_own_order(client: Client) -> None:
    response = client.get("/inspector/?user=ann&show=sources")
    columns = [column for column, _ in response.context["columns"]]
    assert [column.source.name for column in columns] == ["content", "trending"]
    for column in columns:
        ranks = [
            word.rank for card in column.cards for word in card.provenance if word.source == column.source
        ]
        assert ranks == sorted(ranks) != []


def test_one_source_can_be_looked_at_alone(client: Client) -> None:
    column = client.get("/inspector/?user=ann&show=content").context["column"]
    assert column.total == len(column.cards) > 0


def test_the_second_look_comes_from_the_cache_unless_asked_otherwise(client: Client) -> None:
    assert "computed now" in shown(client, "user=ann")
    assert "from the cache" in shown(client, "user=ann")
    assert "computed now" in shown(client, "user=ann&fresh=1")


def test_an_unknown_user_is_served_cold_with_ids_that_begin_so(client: Client) -> None:
    page = shown(client, "user=a")
    assert "unknown user: served cold" in page
    assert 'href="?user=ann"' in page


def test_another_mix_can_be_tried_before_it_is_published(client: Client) -> None:
    body = {"sources": [{"name": "trending", "quota": 1000}]}
    revision = MixRevision.objects.create(body=body, note="Only what is hot.")
    response = client.get(f"/inspector/?user=ann&mix={revision.number}")
    assert response.context["answer"].mix_revision == revision.number
    assert [share.source.name for share in response.context["shares"]] == ["trending"]


def test_a_mix_that_does_not_exist_is_named(client: Client) -> None:
    assert "there is no revision 999" in shown(client, "user=ann&mix=999", status=400)


def test_a_wrong_number_is_told_beside_the_answer(client: Client) -> None:
    page = shown(client, "user=ann&k=0")
    assert "greater than or equal to 1" in page
    assert "Lebowski" in page


def test_a_short_answer_says_why(client: Client) -> None:
    assert "asked for" in shown(client, "user=ann&k=1000")


def test_a_title_is_text_whatever_is_in_it(client: Client) -> None:
    Item.objects.filter(external_id="lebowski").update(title="<script>alert(1)</script>")
    page = shown(client, "user=ann&fresh=1")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_no_style_or_script_is_inline(client: Client) -> None:
    page = shown(client, "user=ann&why=fargo")
    assert "style=" not in page
    assert "<script" not in page
    assert "<style" not in page
