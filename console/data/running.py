"""The import itself, by a worker: progress while it runs, each bad row kept, the file gone afterwards."""

from contextlib import closing
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from catalog.imports import KINDS, BadRow, ImportFileError, Options, import_rows, open_source
from catalog.imports.recording import forget_refused
from console.data.storing import kept, laid_out
from console.models import BadLine, ImportRun

_BATCH_ROWS = 5_000
_BAD_LINES_KEPT = 100_000
_UNCONFIRMED = timedelta(hours=24)
_BAD_LINES_FOR = timedelta(days=30)
State = ImportRun.State
log = structlog.get_logger(__name__)


def options_of(run: ImportRun, *, dry_run: bool) -> Options:
    return Options(
        now=timezone.now(),
        create_missing=run.create_missing,
        create_types=run.create_types,
        dry_run=dry_run,
        vector_set=run.vector_set or "content",
    )


def run_import(run_id: int) -> None:
    """A run that was cut short is done again from its beginning: rows that are in already change nothing."""
    expected = ImportRun.objects.filter(pk=run_id, state__in=[State.WAITING, State.RUNNING])
    if not expected.update(state=State.RUNNING, started_at=timezone.now(), progress=0.0, bad_rows=0):
        return
    run = ImportRun.objects.get(pk=run_id)
    run.bad_lines.all().delete()
    bad = _BadLines(run)
    try:
        with (
            laid_out(kept(run), run.ending) as path,
            closing(open_source(path, KINDS[run.kind].required)) as source,
        ):

            def on_batch() -> None:
                bad.store()
                done = source.position() / source.size if source.size else 1.0
                ImportRun.objects.filter(pk=run_id).update(progress=min(done, 1.0), bad_rows=bad.count)

            counts = import_rows(
                KINDS[run.kind],
                source,
                options_of(run, dry_run=False),
                on_bad=bad.add,
                on_batch=on_batch,
                batch_rows=min(_BATCH_ROWS, KINDS[run.kind].batch_rows),
            )
    except (ImportFileError, OSError) as error:
        bad.store()
        finish(run, State.FAILED, error=str(error), bad_rows=bad.count)
        return
    finish(run, State.DONE, counts=dict(counts), bad_rows=bad.count, progress=1.0)


def finish(run: ImportRun, state: str, **values: object) -> None:
    """Ends the run; the file and the preview are gone."""
    ImportRun.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now(), preview={}, **values)
    run.pieces.all().delete()


def tidy(now: datetime) -> int:
    """Ends what nobody confirmed for a day, and forgets bad rows after a month; how many runs it ended."""
    BadLine.objects.filter(run__uploaded_at__lt=now - _BAD_LINES_FOR).delete()
    forget_refused(now)
    forgotten = list(ImportRun.objects.filter(state=State.PREVIEWED, uploaded_at__lt=now - _UNCONFIRMED))
    for run in forgotten:
        finish(run, State.CANCELLED, error="Nobody confirmed it within a day.")
    return len(forgotten)


class _BadLines:
    """Keeps the first of them, and counts all."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._waiting: list[BadLine] = []
        self.count = 0

    def add(self, row: BadRow) -> None:
        self.count += 1
        if self.count <= _BAD_LINES_KEPT:
            self._waiting.append(
                BadLine(run=self._run, line=row.line, field=row.field[:100], reason=row.reason)
            )

    def store(self) -> None:
        BadLine.objects.bulk_create(self._waiting, batch_size=1_000)
        self._waiting = []
