"""Facts of many items, to which more are added; a row never changes, so who found one may read it unlocked."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.facts.columns import Coded, ItemFacts, Names, gathered
from retrieval.facts.places import Places, Rows
from retrieval.types import Ids

# Of a name's entry with its number.
_NAME_BYTES = 160
_LEAST_CAPACITY = 256


class Record(NamedTuple):
    """One item as Postgres tells it."""

    item_id: int
    external_id: str
    title: str
    active: bool
    category: str
    creator_id: int
    creator_external_id: str
    language: str
    tags: Sequence[str]
    published_at_s: int


class Growing:
    """A column that is added to. `values` is replaced as it grows: the rows of an earlier one stay as they are."""

    def __init__(self, dtype: Any) -> None:
        self.values: NDArray[Any] = np.zeros(_LEAST_CAPACITY, dtype)
        self.size = 0

    def extend(self, values: Sequence[Any]) -> None:
        size = self.size + len(values)
        if size > len(self.values):
            grown = np.zeros(max(size, 2 * len(self.values)), self.values.dtype)
            grown[: self.size] = self.values[: self.size]
            self.values = grown
        self.values[self.size : size] = values
        self.size = size


class Table:
    """Adding and removing is for one thread at a time."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._places = Places()
        self._item_ids, self._creator_ids = Growing(np.int64), Growing(np.int64)
        self._published_at_s = Growing(np.int64)
        self._external_ids, self._titles = Growing(object), Growing(object)
        self._active = Growing(np.bool_)
        self._categories, self._languages, self._creators = (Growing(np.int32) for _ in range(3))
        self._tags, self._first_tags, self._last_tags = (
            Growing(np.int32),
            Growing(np.int64),
            Growing(np.int64),
        )
        self._names = Names()
        self._text_bytes = 0
        self.add(list(records))

    def add(self, records: Sequence[Record]) -> None:
        """One row per record, which is from now on what is found of its item."""
        if not records:
            return
        before, names_before = self._item_ids.size, len(self._names.texts)
        (
            item_ids,
            external_ids,
            titles,
            active,
            categories,
            creator_ids,
            creators,
            languages,
            tags,
            published,
        ) = zip(*records, strict=True)
        code_of = self._names.code_of
        last = self._tags.size + np.cumsum([len(each) for each in tags])
        self._first_tags.extend(np.concatenate([[self._tags.size], last[:-1]]).tolist())
        self._last_tags.extend(last.tolist())
        self._tags.extend([code_of(tag) for each in tags for tag in each])
        self._external_ids.extend(external_ids)
        self._titles.extend(titles)
        self._active.extend(active)
        self._categories.extend([code_of(text) for text in categories])
        self._creators.extend([code_of(text) for text in creators])
        self._languages.extend([code_of(text) for text in languages])
        self._creator_ids.extend(creator_ids)
        self._published_at_s.extend(published)
        self._item_ids.extend(item_ids)
        names = self._names.texts[names_before:]
        self._text_bytes += sum(map(sys.getsizeof, (*external_ids, *titles, *names)))
        self._text_bytes += _NAME_BYTES * len(names)
        # Last: a row is found only once all its columns hold it.
        self._places.add(np.array(item_ids, np.int64), np.arange(before, before + len(records)))

    def drop(self, ids: Iterable[int]) -> None:
        """The items are no longer found; rows that were, are still there."""
        self._places.drop(ids)

    def find(self, ids: Ids) -> Rows:
        """int64 [n]: the row of each id, -1 where there is none."""
        return self._places.find(ids)

    def take(self, rows: Rows) -> ItemFacts:
        """The facts in these rows, whose items must ascend."""
        return ItemFacts(
            item_ids=self._item_ids.values[rows],
            external_ids=self._external_ids.values[rows].tolist(),
            titles=self._titles.values[rows].tolist(),
            active=self._active.values[rows],
            category=Coded(self._categories.values[rows], self._names),
            creator_ids=self._creator_ids.values[rows],
            creator_external_ids=Coded(self._creators.values[rows], self._names),
            languages=Coded(self._languages.values[rows], self._names),
            tags=gathered(
                self._first_tags.values[rows], self._last_tags.values[rows], self._tags.values, self._names
            ),
            published_at_s=self._published_at_s.values[rows],
        )

    def records(self, rows: Rows) -> list[Record]:
        """What was added as these rows."""
        facts = self.take(rows)
        return [
            Record(*columns)
            for columns in zip(
                facts.item_ids.tolist(),
                facts.external_ids,
                facts.titles,
                facts.active.tolist(),
                facts.category,
                facts.creator_ids.tolist(),
                facts.creator_external_ids,
                facts.languages,
                facts.tags,
                facts.published_at_s.tolist(),
                strict=True,
            )
        ]

    def bytes(self) -> int:
        """About how much memory it takes."""
        columns = [
            *(self._item_ids, self._creator_ids, self._published_at_s, self._external_ids, self._titles),
            *(self._active, self._categories, self._languages, self._creators),
            *(self._tags, self._first_tags, self._last_tags),
        ]
        return self._text_bytes + self._places.bytes() + sum(column.values.nbytes for column in columns)
