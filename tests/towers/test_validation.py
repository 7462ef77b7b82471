import numpy as np

from retrieval.towers.data import TrainingData
from retrieval.towers.validation import held_out


def events(times: list[int], users: list[int]) -> TrainingData:
    n = len(times)
    return TrainingData(
        user_index=np.array(users, np.int32),
        item_index=np.arange(n, dtype=np.int32),
        weight=np.ones(n, np.float32),
        occurred_at_s=np.array(times),
        n_users=max(users) + 1,
        item_ids=np.arange(n),
    )


def test_the_newest_of_each_user_is_held_out():
    _, validation = held_out(events([1, 2, 3, 4, 9, 10, 11, 12], [0] * 4 + [1] * 4), share=0.25)

    np.testing.assert_array_equal(validation.occurred_at_s, [4, 12])


def test_by_time_the_newest_of_all_is_held_out():
    learned, validation = held_out(
        events([1, 2, 3, 4, 9, 10, 11, 12], [0] * 4 + [1] * 4), share=0.25, by="time"
    )

    np.testing.assert_array_equal(validation.occurred_at_s, [11, 12])
    assert learned.occurred_at_s.max() < validation.occurred_at_s.min()


def test_of_events_at_one_moment_chance_holds_out_some():
    _, validation = held_out(events([5] * 1000, [0] * 1000), share=0.1)

    assert len(validation) == 100
    assert 300 < validation.item_index.mean() < 700
