"""Is what came in where it belongs?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from catalog.models import ImportRun
from catalog.partitions import INTERACTIONS, default_partition_rows
from coldstart.impressions.partitions import IMPRESSIONS
from console.attention.line import Attention

_LOOKED_AT = 10_000
_LATELY = timedelta(days=7)
_MOST = 5
_API_SHARE = 0.01


def without_partition(_now: datetime) -> Iterator[Attention]:
    """Rows of a month that nobody made a partition for: they can't be dropped by month."""
    for of, name in ((INTERACTIONS, "Events"), (IMPRESSIONS, "Impressions")):
        if rows := default_partition_rows(_LOOKED_AT, of=of):
            many = f"{rows:,}" if rows < _LOOKED_AT else f"{rows:,} or more"
            yield Attention(
                f"{name} without a month's partition: {many} rows in DEFAULT.",
                None,
                "The worker moves them within a day; until then an old month can't be dropped. See that beat runs.",
                reverse("admin:retrieval_daytotals_changelist"),
            )


def refused_rows(now: datetime) -> Iterator[Attention]:
    """What came in the last week of which rows were refused, and that did not come again whole. Of what a key sends all
    day, only where they are many."""
    seen: set[tuple[str, str, str]] = set()
    told = 0
    for run in ImportRun.objects.filter(ended_at__gt=now - _LATELY).order_by("-id")[:100]:
        key = run.kind, run.file, run.key_prefix
        if key in seen:
            continue
        seen.add(key)
        by_api = run.door == ImportRun.Door.API
        if run.refused > (run.rows * _API_SHARE if by_api else 0) and told < _MOST:
            told += 1
            what = f"{run.kind} that the key “{run.key_name}” sent" if by_api else f"{run.file} ({run.kind})"
            mend = "Tell who sends them" if by_api else "Mend the file and import it again"
            yield Attention(
                f"{run.refused:,} of {run.rows:,} rows of {what} were refused.",
                run.ended_at,
                f"First: {run.first_problem} {mend}; what is in counts once.",
                reverse("admin:catalog_importrun_change", args=[run.pk]),
            )
