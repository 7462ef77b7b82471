"""Facts as columns: what filters compare are numbers that stand for texts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.sets import among
from retrieval.types import Ids

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Names:
    """Numbers for texts, in order of first use; 0 is the empty text. Only grows."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code_of(self, text: str) -> int:
        """The text's number, a new one where it has none."""
        code = self._codes.get(text)
        if code is None:
            code = len(self.texts)
            self.texts.append(text)
            self._codes[text] = code
        return code

    def known(self, texts: Iterable[str]) -> Codes:
        """int32 [n]: the numbers of those texts that have one, ascending."""
        return np.sort(np.array([self._codes[text] for text in texts if text in self._codes], np.int32))


@dataclass(frozen=True, slots=True)
class Coded:
    """A text per row: `codes` int32 [n], numbers of `names`; 0 is the empty text."""

    codes: Codes
    names: Names

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Coded":
        names = Names()
        return cls(np.array([names.code_of(text) for text in texts], np.int32), names)

    def __getitem__(self, row: int) -> str:
        return self.names.texts[int(self.codes[row])]

    def __iter__(self) -> Iterator[str]:
        return map(self.names.texts.__getitem__, self.codes.tolist())

    def __len__(self) -> int:
        return len(self.codes)

    def among(self, texts: Iterable[str]) -> Mask:
        """bool [n]: which rows hold one of the texts."""
        return among(self.codes, self.names.known(texts))


@dataclass(frozen=True, slots=True)
class CodedSets:
    """Several texts per row: row r has `codes[starts[r] : starts[r + 1]]`. starts: int64 [n + 1]."""

    starts: NDArray[np.int64]
    codes: Codes
    names: Names

    @classmethod
    def of(cls, sets: Sequence[Sequence[str]]) -> "CodedSets":
        names = Names()
        codes = [names.code_of(text) for texts in sets for text in texts]
        starts = np.cumsum([0, *(len(texts) for texts in sets)])
        return cls(starts.astype(np.int64), np.array(codes, np.int32), names)

    def __getitem__(self, row: int) -> tuple[str, ...]:
        if not 0 <= row < len(self):
            raise IndexError(row)
        codes = self.codes[self.starts[row] : self.starts[row + 1]]
        return tuple(self.names.texts[code] for code in codes.tolist())

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        texts = [self.names.texts[code] for code in self.codes.tolist()]
        for first, last in pairwise(self.starts.tolist()):
            yield tuple(texts[first:last])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def sizes(self) -> NDArray[np.int64]:
        """int64 [n]: how many texts each row has."""
        return np.diff(self.starts)

    def owners(self) -> NDArray[np.int64]:
        """int64 [m]: the row of each of `codes`."""
        return np.repeat(np.arange(len(self)), self.sizes())

    def sharing(self, texts: Iterable[str]) -> Mask:
        """bool [n]: which rows hold at least one of the texts."""
        shared = np.zeros(len(self), np.bool_)
        shared[self.owners()[among(self.codes, self.names.known(texts))]] = True
        return shared

    def take(self, rows: NDArray[np.int64]) -> "CodedSets":
        return gathered(self.starts[rows], self.starts[rows + 1], self.codes, self.names)


def gathered(first: NDArray[np.int64], last: NDArray[np.int64], codes: Codes, names: Names) -> CodedSets:
    """The sets `codes[first[r] : last[r]]`, one after the other. first and last: int64 [n]."""
    sizes = last - first
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    places = np.arange(starts[-1]) + np.repeat(first - starts[:-1], sizes)
    return CodedSets(starts, codes[places], names)


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Parallel columns, one row per item that exists, ascending by id."""

    item_ids: Ids  # int64 [n], ascending
    external_ids: list[str]
    titles: list[str]
    active: NDArray[np.bool_]  # [n]
    category: Coded
    creator_ids: Ids  # int64 [n], 0: none
    creator_external_ids: Coded  # "": none
    languages: Coded
    tags: CodedSets
    published_at_s: NDArray[np.int64]  # [n], Unix time, 0: unknown

    def __len__(self) -> int:
        return len(self.item_ids)

    def rows_of(self, ids: Ids) -> NDArray[np.int64]:
        """int64 [m]: the row of each id, -1 where there is no such item."""
        if not len(self.item_ids):
            return np.full(len(ids), -1, np.int64)
        rows = np.minimum(np.searchsorted(self.item_ids, ids), len(self.item_ids) - 1)
        return np.where(self.item_ids[rows] == ids, rows, -1)
