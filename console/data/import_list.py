"""Every import as one list, whichever door it came by: uploaded here, by the command on a server, or by the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.models import ImportRun as Recorded
from console.data.recorded_pages import is_open
from console.models import ImportRun as Upload

SHOWN = 100
_WITHOUT = ("preview", "why", "error")


@dataclass(frozen=True, slots=True)
class Line:
    """rows: of the file, or None while nobody has counted them. first_problem: "" where the page of the run has it."""

    at: datetime
    file: str
    kind: str
    by: str
    state: str
    rows: int | None
    refused: int
    first_problem: str
    page: str


def newest(*, refused_only: bool) -> list[Line]:
    """At most SHOWN of them, the newest first; both tables are read by their ends."""
    lines = [*_uploads(refused_only=refused_only), *_recorded(refused_only=refused_only)]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN]


def _uploads(*, refused_only: bool) -> Iterator[Line]:
    found = Upload.objects.filter(bad_rows__gt=0) if refused_only else Upload.objects.all()
    for run in found.defer(*_WITHOUT).order_by("-id")[:SHOWN]:
        yield Line(
            at=run.uploaded_at,
            file=run.file_name,
            kind=run.kind,
            by=f"uploaded by {run.uploaded_by}",
            state=_state(run),
            rows=sum(run.counts.values()) if run.counts else None,
            refused=run.bad_rows,
            first_problem="",
            page=reverse("admin:console_importrun_change", args=[run.pk]),
        )


def _recorded(*, refused_only: bool) -> Iterator[Line]:
    found = Recorded.objects.filter(refused__gt=0) if refused_only else Recorded.objects.all()
    for run in found.order_by("-id")[:SHOWN]:
        yield Line(
            at=run.ended_at,
            file=run.file or f"{run.key_name or run.key_prefix}:",
            kind=run.kind,
            by="through the API" if run.door == Recorded.Door.API else "by command",
            state="failed" if run.error else "under way" if is_open(run) else "done",
            rows=run.rows,
            refused=run.refused,
            first_problem=run.first_problem,
            page=reverse("admin:catalog_importrun_change", args=[run.pk]),
        )


def _state(run: Upload) -> str:
    words: str = run.get_state_display().lower()
    return f"{words}, {100 * run.progress:.0f} %" if run.state == Upload.State.RUNNING else words
