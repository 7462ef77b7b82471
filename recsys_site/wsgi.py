"""The WSGI application."""

import gc
import os
import sys
from functools import partial

from django.core.wsgi import get_wsgi_application

from recsys_site.answering_first import answering_first
from recsys_site.memory import keep_freed_memory
from recsys_site.refusals import closing_refusals

keep_freed_memory()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
# Sources run side by side already; numpy's own threads only fight them for the cores (content: 10 ms of CPU, not 5).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A thread whose answer has come from Postgres waits this long for one that computes, not 5 ms: a request is a dozen
# such waits, one after the other.
sys.setswitchinterval(0.001)
_django = get_wsgi_application()

# Imported after the application: they need Django's apps.
from django.conf import settings  # noqa: E402, TID251  how many requests are answered at once

from api.candidates.shortcut import with_shortcut  # noqa: E402
from api.keys.last_known import keys_to_leave  # noqa: E402
from catalog.kept import keep_fresh  # noqa: E402
from catalog.last_known import leave_behind  # noqa: E402
from recsys_site.context_of_logs import named  # noqa: E402
from recsys_site.guarded_postgres.patience import at_most, limit_process  # noqa: E402
from recsys_site.letting_go import letting_go  # noqa: E402
from recsys_site.shedding import STARTING_S, shedding  # noqa: E402
from retrieval.last_known import floor_to_leave  # noqa: E402
from retrieval.warming import warm_process  # noqa: E402

# Of a process that answers: whoever waits longer for Postgres waits for one that hangs. Requests have less.
_PATIENCE_S = 30.0
# A handful of rows by key. Three that go unanswered in a row open the breaker, whether or not anybody asks anything.
_COPIES_WITHIN_S = 0.7

limit_process(_PATIENCE_S)
_answering = letting_go(with_shortcut(answering_first(_django)))
_shedding = shedding(_answering, seats=settings.WEB_THREADS, starting_s=STARTING_S)
application = named(closing_refusals(_shedding))
if settings.TRACES_ENDPOINT:
    # Imported here: who traces nothing loads nothing of it.
    from recsys_site.tracing.exporting import tracer_to
    from recsys_site.tracing.requests import traced
    from recsys_site.tracing.tasks import carry_traces

    carry_traces()
    application = traced(application, tracer_to(settings.TRACES_ENDPOINT, part="web"))
warm_process()
keep_fresh(partial(at_most, _COPIES_WITHIN_S))
leave_behind([keys_to_leave(), floor_to_leave()])

# All that is loaded by now stays: without this, every full collection looks through it again, 100 ms in a request.
gc.collect()
gc.freeze()
