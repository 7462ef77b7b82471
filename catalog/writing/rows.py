"""From results of the rows that were written to one result for each row that was given."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from catalog.writing.checking import first_problem
from catalog.writing.fields import ItemFields, RowResult, Status, UserFields
from catalog.writing.upserting import Written

_Row = TypeVar("_Row")
_Named = TypeVar("_Named", ItemFields, UserFields)


def refusals(
    rows: Sequence[_Row],
    name: Callable[[_Row], str],
    problems: Callable[[_Row], Iterable[tuple[str, str]]],
) -> list[RowResult | None]:
    """The rejection of each bad row; None for a good one."""
    return [first_problem(name(row), problems(row)) for row in rows]


def last_of_each(rows: Sequence[_Named], refused: Sequence[RowResult | None]) -> list[_Named]:
    """The good rows; of those with the same external id the last, which is what the client said last."""
    good = (row for row, refusal in zip(rows, refused, strict=True) if refusal is None)
    return list({row.external_id: row for row in good}.values())


def upsert_results(
    rows: Sequence[_Named], refused: Sequence[RowResult | None], written: Written
) -> list[RowResult]:
    return [
        refusal
        or RowResult(
            _status(row.external_id, written), row.external_id, internal_id=written.ids[row.external_id]
        )
        for row, refusal in zip(rows, refused, strict=True)
    ]


def _status(external_id: str, written: Written) -> Status:
    if external_id in written.created:
        return "created"
    return "updated" if external_id in written.updated else "unchanged"
