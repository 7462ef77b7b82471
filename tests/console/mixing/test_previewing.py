"""A preview's page comes at once; what a worker found is there when it is there."""

from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from console.mixing import previewing
from console.tasks import compare_mixes
from retrieval.mixes import create_revision
from retrieval.models import MixRevision
from tests.console.mixing.pages import AT, text
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db
WAITS = "data-waiting"


@pytest.fixture
def draft(live: MixRevision) -> MixRevision:
    movie_world()
    return create_revision({"sources": [{"name": "explore", "quota": 100, "limit_ms": 9000}]}, note="draft")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What no worker has taken up yet."""
    waiting: list[Any] = []
    monkeypatch.setattr(compare_mixes, "apply_async", lambda arguments, **_: waiting.append(arguments))
    return waiting


def look(client: Client, draft: MixRevision, **query: str) -> str:
    return text(client.get(f"{AT}/{draft.number}/preview/", {"users": "ann", "k": "20", **query}))


def test_many_looks_ask_one_worker_once(ada: Client, draft: MixRevision, queue: list[Any]) -> None:
    assert WAITS in look(ada, draft)
    assert WAITS in look(ada, draft, part="1")
    assert len(queue) == 1

    compare_mixes(*queue[0])

    page = look(ada, draft)
    assert "1 of 1 people were asked under both mixes" in page
    assert WAITS not in page
    assert len(queue) == 1


def test_the_side_by_side_is_shown_before_recall_is_taken(
    ada: Client, draft: MixRevision, queue: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    look(ada, draft)
    seen: list[str] = []

    def slow(*_: Any, **__: Any) -> None:
        seen.append(look(ada, draft, part="1"))

    monkeypatch.setattr(previewing, "expected_recall", slow)
    compare_mixes(*queue[0])

    assert "people were asked under both mixes" in seen[0]
    assert WAITS in seen[0]


def test_what_was_looked_at_is_compared_anew_only_when_asked(
    ada: Client, draft: MixRevision, queue: list[Any]
) -> None:
    look(ada, draft)
    compare_mixes(*queue[0])
    [again] = {line.split('"')[0] for line in look(ada, draft).split("instead_of=")[1:]}

    assert WAITS in look(ada, draft, instead_of=again)
    compare_mixes(*queue[1])

    # Loaded again, the same address shows what came of it.
    assert WAITS not in look(ada, draft, instead_of=again)
    assert len(queue) == 2


def test_without_a_broker_the_page_says_so_and_the_next_look_tries_again(
    ada: Client, draft: MixRevision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(compare_mixes, "apply_async", refuse)
        assert "The broker is away" in look(ada, draft)
    asked: list[Any] = []
    monkeypatch.setattr(compare_mixes, "apply_async", lambda arguments, **_: asked.append(arguments))

    assert WAITS in look(ada, draft)
    assert len(asked) == 1
