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


class Outcome(Protocol):
    """What a write says of each row; `rejected` comes with a field and a reason."""

    @property
    def status(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """One kind of file."""

    required: tuple[str, ...]  # columns
    columns: Mapping[str, str]  # from the name of a field to its column, where they differ
    parse: Callable[[Cells], Row]  # raises BadCell
    prepare: Callable[[Sequence[Row], Options], None]  # before the batch's transaction; not in a dry run
    write: Callable[[Sequence[Row], Options], Sequence[Outcome]]  # one for each row, in order


def nothing_to_prepare(_rows: Sequence[object], _options: Options) -> None:
    pass
