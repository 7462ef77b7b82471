"""Retrieval's scheduled work: each task is a door to one function, harmless to run twice or at once."""

from contextlib import suppress
from datetime import UTC, datetime

import structlog
from celery import shared_task

from retrieval import ahead, erasing, readouts, rollups, search_tuning, toplists, trending, versions
from retrieval.ann import searched_by_snapshot
from retrieval.ann.snapshots import BuildInProgress, rebuild_if_due
from retrieval.locks import sole_run
from retrieval.mixes import publish_due
from retrieval.models import ModelVersion
from retrieval.offline import pipeline
from retrieval.offline.erased_rows import forget_in_snapshots
from retrieval.offline.forgetting import forget_erased
from retrieval.offline.new_items import embed_new_items
from retrieval.shares.learning import learn, tend
from retrieval.types import CacheUnavailable, RetrievalError
from retrieval.versions import live_model

log = structlog.get_logger(__name__)


@shared_task(name="retrieval.rebuild_trending", time_limit=280)
def rebuild_trending() -> None:
    trending.rebuild(datetime.now(UTC))


@shared_task(name="retrieval.rebuild_top_lists", time_limit=880)
def rebuild_top_lists() -> None:
    toplists.rebuild(datetime.now(UTC))


@shared_task(name="retrieval.precompute", time_limit=300)
def precompute() -> None:
    """The most active first, in tasks of their own: as many workers as there are share them."""
    now = datetime.now(UTC)
    planned = ahead.most_active(now)
    ahead.begin_round(planned, now=now)
    for users in ahead.chunks(planned):
        # What nobody took before the next round is due is computed in that one.
        precompute_users.apply_async((users,), expires=590)


@shared_task(name="retrieval.precompute_users", time_limit=590)
def precompute_users(users: list[str]) -> None:
    ahead.precompute(users, now=datetime.now(UTC))


@shared_task(name="retrieval.embed_new_items", time_limit=600)
def embed_items() -> None:
    with sole_run("new items") as mine:
        if mine is not None:
            embed_new_items(datetime.now(UTC))


@shared_task(name="retrieval.forget_erased", time_limit=600)
def forget_erased_people() -> None:
    with sole_run("erased people") as mine:
        if mine is None:
            return
        forget_erased()
        try:
            erasing.sweep(datetime.now(UTC))
        except CacheUnavailable as error:
            # It may hold something yet, so the receipts stay open.
            log.warning("erased people are not swept", error=str(error))
    if erasing.awaiting_snapshots():
        forget_in_training.apply_async(expires=55)


@shared_task(name="retrieval.forget_in_training", time_limit=1_800)
def forget_in_training() -> None:
    """On the machine that trains, whose snapshots these are."""
    with sole_run("erased people in snapshots") as mine:
        if mine is None:
            return
        began = datetime.now(UTC)
        removed = forget_in_snapshots(began)
        if removed is not None:
            erasing.complete(datetime.now(UTC), began=began, snapshot_rows=removed)


@shared_task(name="retrieval.snapshot_vectors")
def snapshot_vectors() -> None:
    """Of the live version, on the machine of the worker that takes it."""
    model = live_model()
    # Whoever builds already builds for all processes of the machine.
    with suppress(BuildInProgress):
        for part in searched_by_snapshot(model) if model else ():
            rebuild_if_due(part)


@shared_task(name="retrieval.tune_search", time_limit=1_800)
def tune_search(version_id: int, *, k: int, queries: int, target: float) -> None:
    """Of the version that the admin asked about. What can't be measured is in the log."""
    with versions.pinned(ModelVersion.objects.get(id=version_id)):
        if (model := live_model()) is None:
            return
        try:
            search_tuning.tune_search(model, k=k, queries=queries, target=target)
        except RetrievalError as error:
            log.warning("search_not_tuned", version=version_id, error=str(error))


@shared_task(name="retrieval.advance_experiments", time_limit=580)
def advance_experiments() -> None:
    readouts.advance(datetime.now(UTC))


@shared_task(name="retrieval.publish_due_mixes", time_limit=55)
def publish_due_mixes() -> None:
    publish_due(datetime.now(UTC))


@shared_task(name="retrieval.roll_up", time_limit=880)
def roll_up() -> None:
    rollups.roll_up(datetime.now(UTC))


@shared_task(name="retrieval.sum_requests", time_limit=280)
def sum_requests() -> None:
    rollups.sum_requests(datetime.now(UTC))


@shared_task(name="retrieval.learn_shares", time_limit=280)
def learn_shares() -> None:
    learn(datetime.now(UTC))


@shared_task(name="retrieval.tend_shares", time_limit=600)
def tend_shares() -> None:
    tend(datetime.now(UTC))


@shared_task(name="retrieval.train", time_limit=60)
def train() -> None:
    if version_id := pipeline.tonight(datetime.now(UTC)):
        advance_training.delay(version_id)


@shared_task(name="retrieval.advance_training")
def advance_training(version_id: int) -> None:
    """One step a task: each has its own time limit, and a killed worker loses only the step it was at."""
    if pipeline.run_next(version_id):
        advance_training.delay(version_id)
