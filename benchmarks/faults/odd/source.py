"""The catalogue's first items, or whatever the file says."""

import time
from pathlib import Path

import numpy as np
from django.conf import settings  # noqa: TID251  where run-time data lies

from benchmarks.faults.odd.manners import Manner, manner_of
from retrieval.source import Course, register
from retrieval.types import Context, Found

NAME = "odd"
_LATE_S = 0.4
_NO_ITEM = 10**12


@register
class Odd:
    name = NAME
    label = "Odd"
    explores = False
    course = Course.APART
    reason = "it was there"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        var_dir = Path(settings.VAR_DIR)
        manner = manner_of(var_dir)
        if manner is Manner.RAISES:
            raise RuntimeError("As it was told.")
        while manner_of(var_dir) is Manner.HANGS:
            time.sleep(0.05)
        if manner is Manner.LATE:
            time.sleep(_LATE_S)
        first = _NO_ITEM if manner is Manner.STRANGE_IDS else 1
        scores = np.linspace(1.0, 0.1, k, dtype=np.float32)
        if manner is Manner.NOT_NUMBERS:
            scores[:] = np.nan
        return Found(np.arange(first, first + k), scores, np.zeros(k, np.int64))
