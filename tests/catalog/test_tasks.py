from datetime import UTC, datetime

import pytest

from catalog.partitions import ensure_partitions
from catalog.tasks import make_partitions
from recsys_site.celery import app


@pytest.mark.django_db
def test_the_task_leaves_nothing_to_make_for_the_next_months():
    make_partitions()

    assert ensure_partitions(datetime.now(UTC), months_ahead=2) == []


def test_the_task_is_scheduled_under_its_name():
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert make_partitions.name in scheduled
