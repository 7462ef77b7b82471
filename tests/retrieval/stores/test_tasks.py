"""The schedule, and its tasks run by a real worker."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from django.conf import settings

from catalog.models import Item
from recsys_site.celery import app
from retrieval import trending
from retrieval.models import TopList
from tests.worker import lines_until_done, working
from tests.worlds import movie_world

OWN_BROKER = f"{settings.BROKER_URL.partition('?')[0]}?virtual_host=9"


def test_every_task_on_the_schedule_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_a_tick_expires_before_the_next_one_is_due():
    entries = app.conf.beat_schedule.values()

    assert all(0 < entry["options"]["expires"] < seconds_between(entry["schedule"]) for entry in entries)


def seconds_between(schedule: timedelta | crontab) -> float:
    """From one tick to the next."""
    if isinstance(schedule, timedelta):
        return schedule.total_seconds()
    return 86_400 / (len(schedule.hour) * len(schedule.minute))


@pytest.mark.parametrize("task", ["retrieval.train", "retrieval.advance_training"])
def test_training_does_not_share_the_queue_of_what_must_be_done_within_a_minute(task):
    assert app.amqp.router.route({}, task)["queue"].name == "training"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_worker_rebuilds_what_the_schedule_asks_for():
    world = movie_world()
    Item.objects.update(updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    tasks = ["retrieval.rebuild_trending", "retrieval.rebuild_top_lists", "catalog.ensure_partitions"]
    with app.connection_for_write(OWN_BROKER) as broker:
        for task in tasks:
            app.send_task(task, connection=broker)

    with working(OWN_BROKER, "--pool", "solo") as worker:
        lines_until_done(worker, len(tasks))

    assert world.names(trending.top(1).item_ids) == ["amelie"]
    assert TopList.objects.filter(kind="tag", value="funny").exists()
