"""Refused rows as a file: JSON lines, or CSV for spreadsheets, in which no text is a formula."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from console.data.formats import FORMATS, Batch

TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_PAGE = 2_000


def refused_file(
    rows: QuerySet[Any], columns: tuple[str, ...], *, name: str, asked: str
) -> StreamingHttpResponse:
    """rows: in the order of the file. asked: jsonl or csv; anything else is jsonl."""
    kind = asked if asked in TYPES else "jsonl"
    pieces = FORMATS[kind](_pages(rows.values(*columns)), dict.fromkeys(columns, "text"))
    answer = StreamingHttpResponse(pieces, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _pages(rows: QuerySet[Any, dict[str, Any]]) -> Iterator[Batch]:
    page: list[dict[str, Any]] = []
    for row in rows.iterator(_PAGE):
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
