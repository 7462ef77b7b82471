from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from catalog.imports.cells import Cells

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Options:
    now: datetime
    create_missing: bool = False  # users and items that events or follows name for the first time
    create_types: bool = False  # event types that are unknown, with weight 1
    dry_run: bool = False
    vector_set: str = ""  # the name of the set that vectors go into


class Outcome(Protocol):
    """What a write says of each row; `rejected` comes with a field and a reason."""

    @property
    def status(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def reason(self) -> str: ...


def nothing_to_finish(_options: Options) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """One kind of file."""

    required: tuple[str, ...]  # columns
    columns: Mapping[str, str]  # from the name of a field to its column, where they differ
    parse: Callable[[Cells], Row]  # raises BadCell
    prepare: Callable[[Sequence[Row], Options], None]  # before the batch's transaction; not in a dry run
    write: Callable[[Sequence[Row], Options], Sequence[Outcome]]  # one for each row, in order
    batch_rows: int = 20_000  # so many are in memory at once
    finish: Callable[[Options], None] = nothing_to_finish  # after the last batch; not in a dry run


def nothing_to_prepare(_rows: Sequence[object], _options: Options) -> None:
    pass
