"""A table as a CSV file that a spreadsheet opens without running anything in it."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Numbers stay numbers, a missing one is empty, and no text begins as a formula does."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow([cell(text) for text in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return response


def cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
