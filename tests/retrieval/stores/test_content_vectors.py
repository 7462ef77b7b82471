import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from retrieval.models import ContentVectorSet
from retrieval.source import all_sources, validated
from tests.worlds import World, movie_world

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["content_vectors"]
# Ann liked fargo and heat: cold films. How warm is each?
WARMTH = {
    "fargo": [1, 0, 0],
    "heat": [8, 2, 0],
    "alien": [9, 1, 1],
    "lebowski": [1, 3, 0],
    "amelie": [0, 0, 2],
}


@pytest.fixture
def world() -> World:
    return movie_world()


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_data", "vectors", str(path), *options, stdout=out)
    return out.getvalue()


def jsonl(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_the_good_rows_land_whatever_the_others_are_and_the_source_finds_what_is_near(world, tmp_path):
    good: list[dict[str, object]] = [{"item_id": film, "vector": vector} for film, vector in WARMTH.items()]
    bad: list[dict[str, object]] = [
        {"item_id": "nobody", "vector": [1, 0, 0]},
        {"item_id": "runner", "vector": [1, 0]},
        {"item_id": "runner", "vector": [0, 0, 0]},
        {"item_id": "runner", "vector": ["a", 0, 0]},
        {"item_id": "runner"},
    ]

    told = run(jsonl(tmp_path / "v.jsonl", [*good, *bad]))
    found = SOURCE.retrieve(world.context("ann"), 5)

    for line in (
        "line 6: item_id: Unknown item.",
        "line 7: vector: Has 2 numbers; set 'content' has 3.",
        "line 8: vector: Is zero",
        "line 9: vector: Not a list of numbers.",
        "line 10: vector: Missing.",
    ):
        assert line in told
    assert world.names(found.item_ids) == ["alien", "lebowski", "amelie"]
    assert len(validated(SOURCE, found, 5)) == 3


def test_arrays_of_numpy_come_into_a_set_of_their_own_and_a_second_import_replaces_rows(world, tmp_path):
    films = np.array(list(WARMTH))
    np.savez(tmp_path / "v.npz", item_id=films, vector=np.array(list(WARMTH.values()), np.float16))
    run(tmp_path / "v.npz", "--set", "warmth")
    jsonl(tmp_path / "again.jsonl", [{"item_id": "amelie", "vector": [1, 0, 0]}])
    run(tmp_path / "again.jsonl", "--set", "warmth")

    assert not SOURCE.applies_to(world.context("ann"))
    found = SOURCE.retrieve(world.context("ann", options={"set": "warmth"}), 1)

    assert world.names(found.item_ids) == ["amelie"]


def test_what_is_pickled_is_refused(world, tmp_path):
    np.savez(tmp_path / "v.npz", item_id=np.array(["fargo"]), vector=np.array([{"run": "me"}], object))

    with pytest.raises(CommandError, match="plain arrays"):
        run(tmp_path / "v.npz")


def test_a_dry_run_leaves_no_set_behind(world, tmp_path):
    told = run(jsonl(tmp_path / "v.jsonl", [{"item_id": "fargo", "vector": [1, 0]}]), "--dry-run")

    assert "stored" in told
    assert not ContentVectorSet.objects.exists()
