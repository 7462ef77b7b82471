"""Promoting, rolling back and promoting again while real processes answer: only the answers' order may tell."""

import itertools
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from retrieval import versions
from retrieval.models import LivePointer, ModelVersion
from retrieval.offline import promoting
from tests.api.opposites import N_USERS, opposites_world, version
from tests.api.serving import Served, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

CLIENTS = 3
TURNS = 1
# Longer than a process keeps the pointer for, so that every move is seen.
BETWEEN_MOVES_S = 1.2


@contextmanager
def asking(served: Served) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Within the block, clients ask one thing after the other; what they were answered, each with its status. Every
    second request is computed, the others may come from the cache."""
    answers: list[tuple[int, dict[str, Any]]] = []
    over = threading.Event()

    def ask(client: int) -> None:
        for turn in itertools.count(client):
            if over.is_set():
                return
            response = served.client.get(
                f"/api/v1/users/u{turn % N_USERS}/candidates",
                # A tag that nobody has is no filter; it only makes another request of it.
                params={"k": 100, "fields": "ids", "deadline_ms": 5000}
                | ({} if turn % 2 else {"sources": "collaborative,co_engagement"}),
            )
            answers.append((response.status_code, response.json()))

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("vectors_cache_mb", [0, 8], ids=["vectors in Postgres", "vectors in the process"])
def test_no_answer_fails_or_mixes_two_versions_while_the_pointer_moves(make_key, vectors_cache_mb):
    in_order = opposites_world()
    orders = {True: in_order, False: in_order[::-1]}
    forward: dict[int, bool] = {}

    def new(*, is_forward: bool) -> ModelVersion:
        made = version(forward=is_forward)
        forward[made.id] = is_forward
        return made

    versions.promote(new(is_forward=True).id)
    with (
        tempfile.TemporaryDirectory(prefix="hw") as folder,
        serving(Path(folder), make_key("read"), workers=2, VECTORS_CACHE_MB=str(vectors_cache_mb)) as served,
        asking(served) as answers,
    ):
        for turn in range(TURNS):
            # Both contradict the one that serves.
            first, second = (new(is_forward=turn % 2 == 1) for _ in range(2))
            move(partial(versions.promote, first.id))
            move(versions.rollback)
            move(partial(versions.promote, first.id))
            # At once: the one that is retired was asked a moment ago.
            versions.rollback()
            move(partial(promoting.flip, second.id))

    assert Counter(status for status, _ in answers) == {200: len(answers)}
    assert [body["degraded"] for _, body in answers if body["degraded"]] == []
    mixed = [body for _, body in answers if body["item_ids"] != orders[forward[body["versions"]["model"]]]]
    assert mixed == []
    assert {body["versions"]["model"] for _, body in answers} == set(forward)
    assert {body["cache"]["level"] for _, body in answers} == {"none", "L1"}
    pointer = LivePointer.objects.get()
    assert with_tables(forward) == {pointer.version_id, pointer.previous_id}


def move(step: Callable[[], object]) -> None:
    step()
    time.sleep(BETWEEN_MOVES_S)


def with_tables(made: Iterable[int]) -> set[int]:
    tables = connection.introspection.table_names()
    return {one.id for one in ModelVersion.objects.filter(id__in=made) if one.vectors_table in tables}
