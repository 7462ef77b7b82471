"""How the installation stands, read when somebody scrapes: what no process counts while it answers."""

import shutil
import time
from collections.abc import Callable, Iterator

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from api.config import config
from catalog.partitions import INTERACTIONS, default_partition_rows
from coldstart.impressions.partitions import IMPRESSIONS
from coldstart.models import RollUp
from retrieval.breakers import current_state
from retrieval.models import LivePointer
from retrieval.types import RetrievalError

_FOR_S = 5.0  # several may scrape
_COUNTED_AT_MOST = 10_000


class Standing:
    """A collector. What can't be read just now is left out, so that a scrape never fails for a store."""

    def collect(self) -> Iterator[Metric]:
        away = current_state("postgres") != "closed"
        for read in (_disk, _background, _model, _partitions):
            if away and read is not _disk:
                continue
            try:
                yield read()
            except (DatabaseError, RetrievalError, OSError):
                continue


def standing_text(clock: Callable[[], float] = time.monotonic) -> bytes:
    """Prometheus' text, at most five seconds old."""
    global _kept  # noqa: PLW0603
    if clock() - _kept[0] > _FOR_S:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Standing())
        _kept = clock(), generate_latest(registry)
    return _kept[1]


def forget_standing() -> None:
    global _kept  # noqa: PLW0603
    _kept = -_FOR_S * 2, b""


_kept: tuple[float, bytes] = (-_FOR_S * 2, b"")


def _background() -> Metric:
    family = GaugeMetricFamily(
        "headwater_background_age_seconds",
        "Since worker and beat last did what they do every twenty seconds.",
    )
    until = RollUp.objects.values_list("counted_until", flat=True).first()
    if until is not None:
        family.add_metric([], max(0.0, (timezone.now() - until).total_seconds()))
    return family


def _model() -> Metric:
    family = GaugeMetricFamily(
        "headwater_live_model_age_seconds", "Since the newest event that the live model learned from."
    )
    live = LivePointer.objects.values_list("version__cutoff", flat=True).first()
    if live is not None:
        family.add_metric([], (timezone.now() - live).total_seconds())
    return family


def _partitions() -> Metric:
    family = GaugeMetricFamily(
        "headwater_default_partition_rows",
        f"Rows that no month's partition takes, counted to {_COUNTED_AT_MOST}.",
        labels=["rows_of"],
    )
    for of, name in ((INTERACTIONS, "events"), (IMPRESSIONS, "impressions")):
        family.add_metric([name], default_partition_rows(_COUNTED_AT_MOST, of=of))
    return family


def _disk() -> Metric:
    family = GaugeMetricFamily(
        "headwater_disk_free_ratio", "Of the disk of this machine's run-time data (VAR_DIR), 0 to 1."
    )
    usage = shutil.disk_usage(config().var_dir)
    family.add_metric([], usage.free / usage.total)
    return family
