"""What each source is worth over some days, from the roll-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from retrieval.models import SourceDay, SourceHour, SourcePair, SourceWork


@dataclass(frozen=True, slots=True)
class Worth:
    """Sums of one source. items, sole_items: added up over days, on each of which an item counts once.

    others_impressions, others_engaged: of all the other sources together.
    """

    source: str
    impressions: int = 0
    engaged: int = 0
    others_impressions: int = 0
    others_engaged: int = 0
    items: int = 0
    sole_items: int = 0
    sole_engaged: int | None = None
    calls: int = 0
    failed: int = 0
    ms: float = 0.0
    candidates: int = 0
    sole: int = 0


def read_worths(days: int, now: datetime) -> list[Worth]:
    """Of every source that was shown or asked, those with the most engaged impressions first."""
    since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = _sums(SourceHour.objects.filter(hour__gte=since), "impressions", "engaged")
    wide = _sums(SourceDay.objects.filter(day__gte=since.date()), "items", "sole_items", "sole_engaged")
    work = _sums(SourceWork.objects.filter(hour__gte=since), "calls", "failed", "ms", "candidates", "sole")
    whole = {name: sum(row[name] or 0 for row in shown.values()) for name in ("impressions", "engaged")}
    worths = []
    for source in sorted((shown.keys() | work.keys()) - {""}):
        own = shown.get(source, {"impressions": 0, "engaged": 0})
        worths.append(
            Worth(
                source,
                **own,
                others_impressions=whole["impressions"] - own["impressions"],
                others_engaged=whole["engaged"] - own["engaged"],
                **wide.get(source, {}),
                **work.get(source, {}),
            )
        )
    return sorted(worths, key=lambda one: (-one.engaged, one.source))


def read_overlaps(days: int, now: datetime, sources: Sequence[str]) -> Mapping[tuple[str, str], int]:
    """Candidates that two of these sources both proposed, either way round."""
    since = (now - timedelta(days=days - 1)).date()
    rows = SourcePair.objects.filter(day__gte=since, source__in=sources, other__in=sources)
    found: dict[tuple[str, str], int] = {}
    for source, other, shared in rows.values_list("source", "other").annotate(Sum("shared")):
        found[source, other] = found[other, source] = shared
    return found


def _sums(rows: object, *names: str) -> dict[str, dict[str, int]]:
    grouped = rows.values("source").annotate(**{f"all_{name}": Sum(name) for name in names})  # type: ignore[attr-defined]
    return {row["source"]: {name: row[f"all_{name}"] for name in names} for row in grouped}
