"""Items that belong together: by who likes them, by a tag that they share."""

from collections import defaultdict

import numpy as np
from scipy.sparse import csr_array

from retrieval.towers.data import TrainingData

# Who likes more than that leads anywhere (Pixie prunes its boards for that), and costs memory.
_NEWEST_PER_USER = 300
# A tag of more items says too little of each; of one item it leads nowhere.
_LEAST_TAGGED, _MOST_TAGGED = 2, 1_000


def people(data: TrainingData) -> csr_array:
    """float32 [n_users, n_items]: 1 for the newest likes of each user; one event per user and item."""
    from_end = data.user_bounds()[1:][data.user_index] - np.arange(len(data))
    return data.select((data.weight > 0) & (from_end <= _NEWEST_PER_USER)).liked()


def tags(data: TrainingData) -> tuple[list[str], csr_array]:
    """(names, float32 [names, n_items]): 1 where the item has the tag; tags that several items have and not too
    many."""
    tagged: defaultdict[str, list[int]] = defaultdict(list)
    for item, names in enumerate(data.tags):
        for tag in set(names):
            tagged[tag].append(item)
    chosen = {tag: items for tag, items in tagged.items() if _LEAST_TAGGED <= len(items) <= _MOST_TAGGED}
    starts = np.cumsum([0, *(len(items) for items in chosen.values())])
    columns = np.concatenate([np.empty(0, np.int64), *(np.array(one, np.int64) for one in chosen.values())])
    ones = np.ones(len(columns), np.float32)
    return list(chosen), csr_array((ones, columns, starts), (len(chosen), data.n_items))
