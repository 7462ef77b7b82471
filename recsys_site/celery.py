"""The Celery application and its schedule."""

import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab
from django.conf import settings  # noqa: TID251  recsys_site owns the settings

from recsys_site.context_of_logs import carry_into_tasks
from recsys_site.tracing import trace_tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
app = Celery("headwater")
app.config_from_object("django.conf:settings", namespace="CELERY")
# redbeat asks for these without Celery's namespace, and warns at every start where it finds them only with it.
app.add_defaults(
    lambda: {
        "redbeat_redis_url": settings.CELERY_REDBEAT_REDIS_URL,
        "redbeat_redis_options": {"retry_period": -1},
    }
)
app.autodiscover_tasks()
carry_into_tasks()
trace_tasks()
# Minutes of training, or of an import, must not hold up what the worker does every minute: the trainer of the
# Procfile does it.
app.conf.task_routes = {
    name: {"queue": "training"}
    for name in (
        "retrieval.train",
        "retrieval.advance_training",
        "retrieval.snapshot_vectors",
        "retrieval.forget_in_training",
        "console.run_import",
        "coldstart.suggest_interests",
    )
}
# A tick that nobody took before the next one is due is dropped: a worker that was away has nothing to catch up.
app.conf.beat_schedule = {
    "rebuild trending": {
        "task": "retrieval.rebuild_trending",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 290},
    },
    "rebuild top lists": {
        "task": "retrieval.rebuild_top_lists",
        "schedule": timedelta(minutes=15),
        "options": {"expires": 890},
    },
    "precompute": {
        "task": "retrieval.precompute",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 590},
    },
    "rebuild demographics": {
        "task": "coldstart.rebuild_demographics",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "learn representatives": {
        "task": "coldstart.learn_representatives",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "embed new items": {
        "task": "retrieval.embed_new_items",
        # A new item is to be found within a minute of its commit, and embedding takes its time too.
        "schedule": timedelta(seconds=20),
        "options": {"expires": 18},
    },
    "forget erased people": {
        "task": "retrieval.forget_erased",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 55},
    },
    "snapshot vectors": {
        "task": "retrieval.snapshot_vectors",
        # Looks whether one is due; see retrieval/ann/snapshots/rebuilding.py.
        "schedule": timedelta(minutes=5),
        "options": {"expires": 290},
    },
    "advance ledger of new items": {
        "task": "coldstart.advance_ledger",
        # What was counted is in every answer some seconds later.
        "schedule": timedelta(seconds=20),
        "options": {"expires": 18},
    },
    "tend impressions": {
        "task": "coldstart.tend_impressions",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "advance experiments": {
        "task": "retrieval.advance_experiments",
        # A page shows what was counted last; an experiment that does harm is stopped within as long.
        "schedule": timedelta(minutes=5),
        "options": {"expires": 290},
    },
    "publish planned mixes": {
        "task": "retrieval.publish_due_mixes",
        # What is planned for a minute is served within it.
        "schedule": timedelta(seconds=20),
        "options": {"expires": 18},
    },
    "roll up": {
        "task": "retrieval.roll_up",
        # Some days a run, so that a large import of old events delays today's figures and nothing else.
        "schedule": timedelta(minutes=15),
        "options": {"expires": 890},
    },
    "sum up requests": {
        "task": "retrieval.sum_requests",
        # A few thousand rows of five minutes each, whatever the traffic.
        "schedule": timedelta(minutes=5),
        "options": {"expires": 290},
    },
    "learn shares of sources": {
        "task": "retrieval.learn_shares",
        # What was learned is drawn by some seconds later.
        "schedule": timedelta(minutes=1),
        "options": {"expires": 55},
    },
    "tend shares of sources": {
        "task": "retrieval.tend_shares",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "train": {
        "task": "retrieval.train",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 7_200},
    },
    "prune changes": {
        "task": "catalog.prune_changes",
        # Who has asked for nothing between two prunings reads all facts anew.
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "tidy the console": {
        "task": "console.tidy",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3_500},
    },
    "ensure partitions": {
        "task": "catalog.ensure_partitions",
        "schedule": timedelta(days=1),
        "options": {"expires": 86_000},
    },
}
