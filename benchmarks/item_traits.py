"""What a data set says of its items besides who liked them: what they have in common, and since when they exist."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from benchmarks.datasets import DataSet, read_table
from benchmarks.loading import moment_of

NEVER = np.iinfo(np.int64).max
# Of users who liked many, this many say enough of what two items have in common.
_MOST_USERS = 5_000


def traits(data: DataSet) -> csr_array:
    """float32 [n_items, d], rows of length 1 or 0: tags where the data set has some, else who liked the item."""
    tags = _tags(data)
    matrix = tags if tags is not None else _liked_by(data)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_array(diags_array(1 / np.maximum(lengths, 1e-12)) @ matrix).astype(np.float32)


def known_since_s(data: DataSet) -> NDArray[np.int64]:
    """int64 [n_items]: Unix time of publication, else of the first event in train, else NEVER."""
    since = np.full(data.shape[1], NEVER)
    np.minimum.at(since, data.train.item_index, data.train.occurred_at_s)
    for item, row in _items(data):
        if published := moment_of(row.get("published_at")):
            since[item] = int(published.timestamp())
    return since


def item_ages_s(data: DataSet) -> NDArray[np.int64]:
    """int64 [n_items]: seconds at the cutoff, -1 for what was not there yet."""
    ages = int(data.cutoff.timestamp()) - known_since_s(data)
    return np.where(ages < 0, -1, ages)


def _tags(data: DataSet) -> csr_array | None:
    """1 where the item has the tag; None where no item has any."""
    names: dict[str, int] = {}
    pairs = [
        (item, names.setdefault(tag, len(names)))
        for item, row in _items(data)
        for tag in (row.get("tags") or "").split("|")
        if tag
    ]
    if not pairs:
        return None
    rows, columns = np.array(pairs).T
    matrix = csr_array((np.ones(len(rows), np.float32), (rows, columns)), (data.shape[1], len(names)))
    matrix.data[:] = 1
    return matrix


def _liked_by(data: DataSet) -> csr_array:
    """1 where the user liked the item; of a sample of users where they are many, the same in every run."""
    users = np.arange(data.shape[0])
    if len(users) > _MOST_USERS:
        users = np.sort(np.random.default_rng(0).choice(users, _MOST_USERS, replace=False))
    return csr_array(data.liked[users].T)


def _items(data: DataSet) -> list[tuple[int, dict[str, str]]]:
    """(row of the data set's items, what items.csv.gz says of it); nothing where there is no such file."""
    path = data.folder / "items.csv.gz"
    if not path.exists():
        return []
    rows = read_table(path).to_pylist()
    places = np.searchsorted(data.item_ids, [row["item_id"] for row in rows])
    return list(zip(places.tolist(), rows, strict=True))
