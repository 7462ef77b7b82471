"""What the source is told, in a file below the run-time data."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path


class Manner(StrEnum):
    """How the source behaves."""

    WELL = "well"
    RAISES = "raises"
    HANGS = "hangs"  # past every deadline, until it is told otherwise
    LATE = "late"  # by more than it is given
    STRANGE_IDS = "strange ids"  # names items that don't exist
    NOT_NUMBERS = "not numbers"  # scores that are NaN


def manner_of(var_dir: Path) -> Manner:
    try:
        return Manner(_file(var_dir).read_text())
    except (FileNotFoundError, ValueError):  # none yet, or half of it is written
        return Manner.WELL


@contextmanager
def behaving(var_dir: Path, manner: Manner) -> Iterator[None]:
    _file(var_dir).write_text(manner)
    try:
        yield
    finally:
        _file(var_dir).write_text(Manner.WELL)


def _file(var_dir: Path) -> Path:
    return var_dir / "odd-source"
