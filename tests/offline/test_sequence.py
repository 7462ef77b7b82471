import datetime as dt

import numpy as np
import pytest

from catalog.history import empty_history, extend_history
from catalog.models import EventType, Item
from retrieval import versions
from retrieval.hot import watched_statements
from retrieval.mixes import create_revision, ensure_published, forget_cached_mixes, publish
from retrieval.models import ModelVersion, PublishedMix
from retrieval.offline import pipeline, sequencing
from retrieval.service import retrieve
from retrieval.source import all_sources, validated
from retrieval.types import Context, Request, SessionEvent
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.retrieval.request.contexts import context as plain_context

SOURCE = all_sources()["sequence"]
SMALL = {"dim": 16, "length": 8, "epochs": 15, "batch_windows": 16, "learning_rate": 1e-2}


@pytest.fixture(autouse=True)
def caches():
    yield
    forget_cached_mixes()


@pytest.fixture
def items(db) -> list[Item]:
    """Of a version that serves and has a sequence model; the last even one is inactive."""
    _, items = two_islands()
    Item.objects.filter(id=items[38].id).update(active=False)
    pipeline.run(pipeline.start(NOON, dim=DIM, config={**CONFIG, "epochs": 2, "sequence": SMALL}))
    return items


def context(*liked: Item, options: dict | None = None) -> Context:
    """Of somebody whom the training did not see, who liked these, one a minute."""
    like = EventType.objects.get(name="like")
    start = int(NOON.timestamp())
    rows = [(item.id, start + 60 * place, like.id, np.nan, np.nan) for place, item in enumerate(liked)]
    return plain_context(
        now=NOON + dt.timedelta(hours=1),
        history=extend_history(empty_history(), rows, limit=100),
        event_weights={like.id: like.weight},
        model=versions.live_model(),
        options=options or {},
    )


def test_it_offers_strangers_and_sessions_their_island_without_what_is_inactive(items):
    for island in (0, 1):
        found = SOURCE.retrieve(context(*items[island:6:2]), 40)
        mine = {one.id for one in items[island::2]}
        assert len(mine & set(found.item_ids[:10].tolist())) >= 9
        assert len(validated(SOURCE, found, 40)) == 39
        assert items[38].id not in found.item_ids

    with watched_statements() as statements:
        SOURCE.retrieve(context(*items[:4]), 10)
    assert len(statements) <= 2
    version = ModelVersion.objects.get()
    assert [gate["passed"] for gate in version.report["evaluating"]["gates"]] == [True] * 5

    assert SOURCE.applies_to(context(items[0]))
    assert not SOURCE.applies_to(context())
    assert not SOURCE.applies_to(context(*items[:2], options={"least_likes": 3}))
    assert SOURCE.applies_to(context(*items[:3], options={"least_likes": 3}))
    assert not len(SOURCE.retrieve(context(items[38]), 10))

    ensure_published()
    start = NOON + dt.timedelta(minutes=1)
    session = tuple(SessionEvent(one.external_id, "view", start) for one in items[1:6:2])
    answer = retrieve(
        Request(
            user="",
            k=10,
            now=NOON + dt.timedelta(hours=1),
            surface="sessions",
            session=session,
            sources=("sequence",),
            deadline_ms=60_000,
        )
    )
    odd = {one.id for one in items[1::2]} - {one.id for one in items[1:6:2]}
    assert len(odd & set(answer.pool.item_ids.tolist())) >= 9

    version.config = {"sequence": False}
    version.save()
    ModelVersion.objects.update(report={"sequencing": sequencing.run(version.id)})
    versions.forget_live_model()
    assert not SOURCE.applies_to(context(items[0]))


@pytest.mark.django_db
def test_unless_the_config_says_so_it_is_trained_where_a_mix_that_serves_names_it():
    ensure_published()
    plain = ModelVersion(config={})
    without = create_revision({"sources": [{"name": "trending", "quota": 10}]}, note="")
    body = {"sources": [{"name": "sequence", "quota": 10}]}
    for surface in PublishedMix.objects.values_list("surface", flat=True):
        publish(without.number, surface=surface)
    assert not sequencing.wanted(plain)
    assert sequencing.wanted(ModelVersion(config={"sequence": {}}))

    publish(create_revision(body, note="").number, surface="home")

    assert sequencing.wanted(plain)
    assert not sequencing.wanted(ModelVersion(config={"sequence": False}))
