"""Two islands of taste: even users like even items, odd users like odd ones."""

import numpy as np

from retrieval.towers.data import TrainingData

N_USERS, N_ITEMS, EACH = 60, 40, 12


def two_islands(*, without_item: int | None = None) -> TrainingData:
    """Each user has 12 of her island's 20 items; tags and age groups tell the islands apart."""
    rng = np.random.default_rng(3)
    pairs = []
    for user in range(N_USERS):
        island = np.arange(user % 2, N_ITEMS, 2)
        pairs += [(user, item) for item in rng.permutation(island)[:EACH] if item != without_item]
    users, items = np.array(pairs).T
    return TrainingData(
        user_index=users.astype(np.int32),
        item_index=items.astype(np.int32),
        weight=np.ones(len(users), np.float32),
        occurred_at_s=np.arange(len(users), dtype=np.int64),
        n_users=N_USERS,
        item_ids=np.arange(1000, 1000 + N_ITEMS),
        tags=[("even",) if item % 2 == 0 else ("odd",) for item in range(N_ITEMS)],
        category=["film"] * N_ITEMS,
        title=[f"number {item}" for item in range(N_ITEMS)],
        age_group=["young" if user % 2 == 0 else "old" for user in range(N_USERS)],
    )
