"""Two people and five films over ten days, of which the given split holds back the last row."""

import gzip
from pathlib import Path

import pytest

from benchmarks.datasets import DataSet, MissingData, read_dataset
from benchmarks.protocols import by_time, last_out

HEADER = "user_id,item_id,type,value,occurred_at\n"
ROWS = [
    ("ann", "alien", 1),
    ("ben", "fargo", 2),
    ("ann", "heat", 3),
    ("ann", "speed", 4),
    ("ben", "heat", 5),
    ("ann", "alien", 6),  # again
    ("ben", "fargo", 7),  # again
    ("cat", "heat", 8),
    ("ann", "zodiac", 9),
    ("ben", "alien", 10),
]


def world(folder: Path, rows: list[tuple[str, str, int]] = ROWS) -> DataSet:
    lines = [f"{user},{item},click,1,2026-01-{day:02}T00:00:00Z\n" for user, item, day in rows]
    for name, part in (("train", lines[:-1]), ("test", lines[-1:])):
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress((HEADER + "".join(part)).encode()))
    return read_dataset(folder)


def wanted(data: DataSet) -> dict[str, list[str]]:
    return {
        str(data.user_ids[user]): data.item_ids[data.truth[[user]].indices].tolist()
        for user in data.users.tolist()
    }


def test_by_time_everything_after_one_moment_is_to_be_found(tmp_path):
    data = by_time(world(tmp_path))

    assert wanted(data) == {"ann": ["zodiac"], "ben": ["alien"]}
    assert data.cutoff.day == 8
    assert data.protocol == "time"


def test_each_users_newest_item_is_left_out(tmp_path):
    data = last_out(world(tmp_path))

    # Ann's last event before zodiac was seeing alien again, which counts as known.
    assert wanted(data) == {"ann": ["zodiac"], "ben": ["alien"]}
    assert len(data.train) == 8


def test_what_a_user_did_after_meeting_her_newest_item_is_not_known(tmp_path):
    data = last_out(world(tmp_path, [*ROWS[:7], ("cat", "heat", 8)]))

    # Speed was ann's newest item; that she saw alien again came later. So with ben's heat and his second fargo.
    assert wanted(data) == {"ann": ["speed"], "ben": ["heat"]}
    assert len(data.train) == 4


def test_of_who_met_one_item_only_nothing_is_asked(tmp_path):
    data = last_out(world(tmp_path))

    assert "cat" not in wanted(data)
    assert data.seen[[2]].nnz == 1


@pytest.mark.parametrize("protocol", [by_time, last_out])
def test_without_times_there_is_nothing_to_split_by(tmp_path, protocol):
    data = world(tmp_path, [(user, item, 1) for user, item, _ in ROWS])

    with pytest.raises(MissingData, match="one date"):
        protocol(data)
