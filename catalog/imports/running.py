"""From a file's rows to the catalog, a batch at a time: memory is bounded by the batch, not by the file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction

from catalog.event_types import forget_event_types
from catalog.imports.cells import BadCell, Cells
from catalog.imports.kind import Kind, Options, Outcome
from catalog.imports.rows import BadRow, RawRow, Source

_T = TypeVar("_T")


def import_rows(
    kind: Kind[Any],
    source: Source,
    options: Options,
    *,
    on_bad: Callable[[BadRow], None],
    on_batch: Callable[[], None] = lambda: None,
    batch_rows: int | None = None,
    counts: Counter[str] | None = None,
) -> Counter[str]:
    """How many rows ended in each status; bad ones are `rejected` and handed to `on_bad` in the file's order.

    Each batch commits on its own, so an import that was cut short goes on by running again. counts: added to with each
    batch, for who wants to know how far one came that raised.
    """
    counts = Counter() if counts is None else counts
    for rows in in_batches(source.rows(), batch_rows or kind.batch_rows):
        bad, good, parsed = _parse(kind, rows)
        outcomes = _write(kind, parsed, options)
        bad += [
            BadRow(row.line, kind.columns.get(outcome.field, outcome.field), outcome.reason)
            for row, outcome in zip(good, outcomes, strict=True)
            if outcome.status == "rejected"
        ]
        for row in sorted(bad, key=lambda row: row.line):
            on_bad(row)
        counts.update(outcome.status for outcome in outcomes)
        counts["rejected"] += len(rows) - len(good)
        on_batch()
    if not options.dry_run:
        kind.finish(options)
    return +counts


def in_batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Takes no more from `rows` than the batch that is asked for."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


def _parse(kind: Kind[Any], rows: Sequence[RawRow | BadRow]) -> tuple[list[BadRow], list[RawRow], list[Any]]:
    """The bad rows; the good ones, and what each says."""
    bad: list[BadRow] = []
    good: list[RawRow] = []
    parsed: list[Any] = []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        try:
            parsed.append(kind.parse(Cells(row.cells)))
            good.append(row)
        except BadCell as error:
            bad.append(BadRow(row.line, error.field, error.reason))
    return bad, good, parsed


def _write(kind: Kind[Any], parsed: Sequence[Any], options: Options) -> Sequence[Outcome]:
    if not options.dry_run:
        kind.prepare(parsed, options)
    try:
        with transaction.atomic():
            outcomes = kind.write(parsed, options)
            # A dry run writes like any other, so that it finds what any other would, and takes it back.
            transaction.set_rollback(options.dry_run)
            return outcomes
    finally:
        if options.dry_run:
            forget_event_types()  # it may hold types that were taken back
