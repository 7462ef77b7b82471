"""A data set of three people and four films, written as the real ones are."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.baselines import BASELINES
from benchmarks.datasets import MissingData, read_dataset
from benchmarks.ranking import rank

TRAIN = """user_id,item_id,type,value,occurred_at
-7,fargo,like,5,2026-01-01T00:00:00Z
-7,heat,dislike,1,2026-01-09T00:00:00Z
0008,fargo,like,5,2026-01-10T00:00:00Z
0008,heat,like,4,2026-01-10T12:00:00Z
9,speed,like,5,2026-01-02T00:00:00Z
9,fargo,like,5,2026-01-02T00:00:00Z
"""
TEST = """user_id,item_id,type,value,occurred_at
-7,alien,like,5,2026-01-11T00:00:00Z
-7,fargo,like,5,2026-01-11T00:00:00Z
0008,speed,dislike,1,2026-01-11T00:00:00Z
9,heat,like,5,2026-01-11T00:00:00Z
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("train", TRAIN), ("test", TEST)):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_ids_stay_the_texts_that_they_are(folder):
    data = read_dataset(folder)

    assert data.user_ids.tolist() == ["-7", "0008", "9"]
    assert data.item_ids.tolist() == ["alien", "fargo", "heat", "speed"]


def test_the_cutoff_is_just_after_the_last_event_that_may_be_known(folder):
    assert read_dataset(folder).cutoff.isoformat() == "2026-01-10T12:00:01+00:00"


def test_a_dislike_is_seen_but_not_liked(folder):
    data = read_dataset(folder)

    assert data.seen[[0]].toarray().tolist() == [[0, 1, 1, 0]]
    assert data.liked[[0]].toarray().tolist() == [[0, 1, 0, 0]]


def test_only_what_is_new_and_liked_is_to_be_found(folder):
    data = read_dataset(folder)

    assert data.truth.toarray().tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    assert data.users.tolist() == [0, 2]


def test_a_sample_of_users_is_the_same_in_every_run(folder):
    first, second = (read_dataset(folder, most_users=1).users.tolist() for _ in range(2))

    assert first == second
    assert first in ([0], [2])


def test_items_of_the_catalogue_count_though_nobody_touched_them(folder):
    items = "item_id,title,tags\nzodiac,Zodiac,Crime|Drama\n"
    (folder / "items.csv.gz").write_bytes(gzip.compress(items.encode()))

    assert read_dataset(folder).item_ids.tolist()[-1] == "zodiac"


def test_a_folder_without_data_is_refused_by_name(tmp_path):
    with pytest.raises(MissingData, match=r"no train.csv.gz"):
        read_dataset(tmp_path)


def test_a_ranking_leaves_out_what_the_user_has_and_breaks_ties_by_item(folder):
    data = read_dataset(folder)

    ranking = rank(lambda users: np.tile([1.0, 9.0, 1.0, 2.0], (len(users), 1)), data, depth=4)

    assert ranking.tolist() == [[3, 0, -1, -1], [0, 2, -1, -1]]


def test_popularity_counts_people_who_like_an_item(folder):
    data = read_dataset(folder)

    scores = BASELINES["popularity"](data)(data.users)

    assert scores.tolist() == [[0, 3, 1, 1]] * 2


def test_popularity_of_a_week_forgets_what_is_older(folder):
    data = read_dataset(folder)

    (scores,) = BASELINES["popularity-7d"](data)(data.users[:1])

    assert np.argsort(-scores, kind="stable").tolist() == [1, 2, 3, 0]
    assert scores[3] < 1 < scores[2]


@pytest.mark.parametrize("name", ["item-cosine", "gf-cf", "ease"])
def test_a_model_prefers_what_likeminded_people_like(folder, name):
    data = read_dataset(folder)

    (scores,) = BASELINES[name](data)(np.array([0]))

    # Of fargo's two other friends one likes heat, one speed; nobody likes alien.
    assert scores[0] < min(scores[2], scores[3])
