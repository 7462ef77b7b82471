"""That something was imported, and what of it was refused: the first thousand rows, and the number of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from catalog.imports.rows import BadRow
from catalog.models import ImportRun, RefusedRow

REFUSED_KEPT = 1_000
REFUSED_FOR = timedelta(days=30)


@dataclass(slots=True)
class Refused:
    """The first of them, each with the list of the API that it was in, and how many there were."""

    kept: list[tuple[str, BadRow]] = field(default_factory=list)
    count: int = 0

    def add(self, row: BadRow, request_id: str = "") -> None:
        self.count += 1
        if len(self.kept) < REFUSED_KEPT:
            self.kept.append((request_id, row))

    def extend(self, other: "Refused") -> None:
        self.count += other.count
        self.kept += other.kept[: REFUSED_KEPT - len(self.kept)]


def record_file(
    kind: str, file: str, counts: Mapping[str, int], refused: Refused, *, began_at: datetime, error: str = ""
) -> None:
    """Of an import by command. error: why it ended before the file did."""
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind,
            file=file[-200:],
            began_at=began_at,
            ended_at=datetime.now(UTC),
            rows=sum(counts.values()),
            refused=refused.count,
            first_problem=first_problem(refused),
            error=error[:300],
        )
        keep_refused(run, refused, room=REFUSED_KEPT)


def keep_refused(run: ImportRun, refused: Refused, *, room: int) -> None:
    RefusedRow.objects.bulk_create(
        RefusedRow(run=run, request_id=request_id, line=row.line, field=row.field[:100], reason=row.reason)
        for request_id, row in refused.kept[:room]
    )


def first_problem(refused: Refused, *, counted: str = "line") -> str:
    return line_of(refused.kept[0][1], counted=counted)[:300] if refused.kept else ""


def line_of(row: BadRow, *, counted: str = "line") -> str:
    return f"{counted} {row.line}: {row.field + ': ' if row.field else ''}{row.reason}"


def forget_refused(now: datetime) -> None:
    """Those of runs that are over for a month; the runs stay."""
    RefusedRow.objects.filter(run__ended_at__lt=now - REFUSED_FOR).delete()
