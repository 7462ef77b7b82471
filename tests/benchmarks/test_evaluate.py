"""`make evaluate` from outside: a data set of two islands in, figures of everything out."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

N_USERS, N_ITEMS, EACH = 40, 60, 16
MEASURED = 12  # of the users; forty cases ask for each of them
HEADER = "user_id,item_id,type,value,occurred_at\n"
# The mark alone: tests with a database come first, and a run should not end with the longest of all.
pytestmark = [pytest.mark.services, pytest.mark.timeout(400), pytest.mark.django_db]


def islands(folder: Path) -> Path:
    """Even users click even items, odd users odd ones; the last two clicks of each are to be found."""
    rng = np.random.default_rng(5)
    train, test = HEADER, HEADER
    for user in range(N_USERS):
        clicked = rng.permutation(np.arange(user % 2, N_ITEMS, 2))[:EACH]
        rows = [
            f"u{user},i{item},click,1,2026-01-{day + 1:02}T00:00:00Z\n" for day, item in enumerate(clicked)
        ]
        train, test = train + "".join(rows[:-2]), test + "".join(rows[-2:])
    for name, text in (("train", train), ("test", test)):
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def evaluate(data: str, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.evaluate", data, *options],
        env=os.environ | {"OMP_NUM_THREADS": "1"} | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_case_is_measured_on_the_same_users(tmp_path):
    figures_file = tmp_path / "figures.jsonl"

    done = evaluate(
        str(islands(tmp_path)),
        "--users",
        str(MEASURED),
        JSON=str(figures_file),
        REPORT=str(tmp_path / "report"),
    )

    assert done.returncode == 0, done.stderr
    figures = [json.loads(line) for line in figures_file.read_text().splitlines()]
    assert {(one["suite"], one["case"]) for one in figures} >= {
        ("baseline", "popularity"),
        ("baseline", "ease"),
        ("source", "collaborative"),
        ("merged", "default"),
        ("merged", "tuned"),
    }
    whole = [one for one in figures if "/" not in one["metric"] and one["suite"] not in ("index", "training")]
    assert {one["n"] for one in whole} == {MEASURED}
    assert {one["metric"] for one in figures} >= {
        "intra_list_diversity@20", "marginal_recall@100", "unique_recall@100", "overlap@100/with/trending",
        "index_recall@400",
    }  # fmt: skip
    assert {(one["suite"], one["case"]) for one in figures if one["metric"] == "examples_per_second"} == {
        ("training", "two-tower"),
        ("training", "bpr, one thread"),
    }
    report = tmp_path / "report" / tmp_path.name
    assert "## Sources" in (report / "index.md").read_text()
    assert {path.name for path in report.glob("*.png")} >= {"recall.png", "sources.png", "overlap.png"}
    assert set(figures[0]) == {
        "suite", "case", "metric", "value", "unit", "reference", "ratio", "n", "data", "protocol"
    }  # fmt: skip
    recall = {(one["suite"], one["case"]): one["value"] for one in figures if one["metric"] == "recall@20"}
    # On one's own island of 30 there are 16 unseen items; on both, 46.
    assert recall["source", "collaborative"] > 0.8 > recall["baseline", "popularity"]


@pytest.mark.parametrize("given", ["", "/nowhere"])
def test_missing_data_is_said_clearly(given):
    done = evaluate(given, DATA="")

    assert done.returncode != 0
    assert done.stderr.startswith("No data: ")
    assert "Traceback" not in done.stderr
