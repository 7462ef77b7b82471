"""The product's own tuner on what it holds: train, and nothing of test. What it leaves is a mix by its number."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.core.management import CommandError, call_command
from numpy.typing import NDArray

from benchmarks.datasets import DISLIKE, LIKE, DataSet
from benchmarks.product import Product
from benchmarks.quality import DEPTH
from benchmarks.replaying import DEPTHS
from retrieval.models import MixRevision

_REQUESTS = 1_500
# What is learned of 1,500 requests gets worse with each source more; what is hot, what is new, and what others turned
# to since the version was made, is what replays are lost without.
_ALSO = ("trending", "fresh", "neighbors")


def tuned_mix(product: Product, validation: str, *, say: Callable[[str], object]) -> int:
    """The revision that `manage.py tune_mix` learns from the default one; that one itself where nothing is better.

    validation: time, last or replay, inside train.
    """
    started = time.perf_counter()
    types = [LIKE] if (product.data.train.types == DISLIKE).any() else None
    before = MixRevision.objects.latest("number").number
    # For as many candidates as will be measured: deviations and ranks are those of lists of some length.
    k = max(DEPTHS) if validation == "replay" else DEPTH
    options: dict[str, Any] = {"validation": validation, "types": types, "k": k, "requests": _REQUESTS}
    try:
        call_command("tune_mix", revision=product.mix, also=list(_ALSO), **options)
    except CommandError as reason:
        say(f"Not tuned: {reason}")
    product.seconds[f"tuning by {validation}"] = time.perf_counter() - started
    drafts = MixRevision.objects.filter(author="tune_mix", number__gt=before)
    return max(drafts.values_list("number", flat=True), default=product.mix)


def validation_like(data: DataSet) -> str:
    """The validation that looks at train as the split looks at train and test: by one moment, else user by user."""
    if data.protocol == "time" or _ends_before(data.train.occurred_at_s, data.test.occurred_at_s):
        return "time"
    return "last"


def _ends_before(first: NDArray[np.int64], second: NDArray[np.int64]) -> bool:
    # Where all events carry one date nothing comes before anything.
    return bool(first.min() < first.max() <= second.min())
