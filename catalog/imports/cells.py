"""One cell to one value. What the formats deliver differs: CSV only text, JSON and Parquet types of their own."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import numpy as np
import orjson
from numpy.typing import NDArray

from catalog.texts import external_id

_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no"}


class BadCell(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Cells:
    """A row's cells, taken one by one; each method takes one out. None: not given. Raises BadCell."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        self._cells = {name: cell for name, cell in cells.items() if cell is not None}

    def required_id(self, name: str) -> str:
        found = self.id(name)
        if found is None:
            raise BadCell(name, "Missing.")
        return found

    def id(self, name: str) -> str | None:
        cell = self._cells.pop(name, None)
        try:
            return None if cell is None else external_id(cell)
        except ValueError as error:
            raise BadCell(name, str(error)) from error

    def text(self, name: str) -> str | None:
        cell = self._cells.pop(name, None)
        if cell is None or isinstance(cell, str):
            return cell
        if isinstance(cell, int) and not isinstance(cell, bool):
            return str(cell)
        raise BadCell(name, "Not text.")

    def number(self, name: str) -> float | None:
        cell = self._cells.pop(name, None)
        if cell is None:
            return None
        if isinstance(cell, int | float | str) and not isinstance(cell, bool):
            try:
                return float(cell)
            except (ValueError, OverflowError):
                pass
        raise BadCell(name, "Not a number.")

    def flag(self, name: str) -> bool | None:
        cell = self._cells.pop(name, None)
        word = str(cell).lower() if isinstance(cell, bool | int | str) else ""
        if word in _TRUE | _FALSE:
            return word in _TRUE
        if cell is None:
            return None
        raise BadCell(name, "Neither true nor false.")

    def words(self, name: str) -> tuple[str, ...] | None:
        """A list, or text joined by |."""
        cell = self._cells.pop(name, None)
        if cell is None:
            return None
        if isinstance(cell, str):
            return tuple(word for part in cell.split("|") if (word := part.strip()))
        if isinstance(cell, list) and all(isinstance(word, str) for word in cell):
            return tuple(cell)
        raise BadCell(name, "Neither a list of texts nor text joined by |.")

    def vector(self, name: str) -> NDArray[np.float32]:
        """float32 [n], n ≥ 1, finite: a list of numbers, or an array of them."""
        cell = self._cells.pop(name, None)
        if cell is None:
            raise BadCell(name, "Missing.")
        try:
            given = np.asarray(cell if isinstance(cell, list | np.ndarray) else None)
        except ValueError:  # lists of lists of different lengths
            given = np.empty(0)
        if given.ndim != 1 or not len(given) or given.dtype.kind not in "fiu":
            raise BadCell(name, "Not a list of numbers.")
        with np.errstate(over="ignore"):
            found = given.astype(np.float32)
        if not np.isfinite(found).all():
            raise BadCell(name, "Holds NaN, or a number that is too large.")
        return found

    def moment(self, name: str) -> datetime | None:
        """ISO 8601, in UTC where it names no zone, or seconds since 1970."""
        cell = self._cells.pop(name, None)
        if cell is None:
            return None
        try:
            return _moment(cell)
        except (ValueError, OverflowError, OSError, TypeError) as error:
            raise BadCell(name, "Neither an ISO 8601 time nor seconds since 1970.") from error

    def rest(self) -> dict[str, object] | None:
        """The object in `attributes`, if any, and every cell that nobody took; None where there are none."""
        given = self._cells.pop("attributes", {})
        if isinstance(given, str):
            try:
                given = orjson.loads(given)
            except orjson.JSONDecodeError as error:
                raise BadCell("attributes", "Not a JSON object.") from error
        if not isinstance(given, dict):
            raise BadCell("attributes", "Not a JSON object.")
        rest = {**given, **{name: _plain(cell) for name, cell in self._cells.items()}}
        self._cells = {}
        return rest or None


def _plain(cell: object) -> object:
    """As JSON can say it; Parquet has more types."""
    return cell if isinstance(cell, str | int | float | list | dict) else str(cell)


def _moment(cell: object) -> datetime:
    if isinstance(cell, str):
        try:
            found = datetime.fromisoformat(cell)
        except ValueError:
            found = datetime.fromtimestamp(float(cell), UTC)
    elif isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, date):
        found = datetime.combine(cell, time())
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        found = datetime.fromtimestamp(cell, UTC)
    else:
        raise TypeError
    return found if found.tzinfo else found.replace(tzinfo=UTC)
