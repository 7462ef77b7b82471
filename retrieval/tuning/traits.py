"""What makes two items alike, for the diversity of a list: their tags."""

import numpy as np
from scipy.sparse import csr_array

from catalog.models import Item
from retrieval.types import Ids

_IDS_PER_QUERY = 20_000


def traits_of(item_ids: Ids) -> csr_array:
    """float32 [n, tags], rows of length 1; empty where an item has no tags. item_ids: int64 ascending."""
    numbers: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for start in range(0, len(item_ids), _IDS_PER_QUERY):
        some = item_ids[start : start + _IDS_PER_QUERY].tolist()
        for item_id, tags in Item.objects.filter(id__in=some).values_list("id", "tags"):
            each = set(tags)
            rows += [int(np.searchsorted(item_ids, item_id))] * len(each)
            columns += [numbers.setdefault(tag, len(numbers)) for tag in each]
            values += [1 / max(len(each), 1) ** 0.5] * len(each)
    shape = (len(item_ids), max(len(numbers), 1))
    return csr_array((np.array(values, np.float32), (rows, columns)), shape)
