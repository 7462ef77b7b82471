"""`manage.py candidates` on the small world: JSONL and Parquet, in this process and in others."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from retrieval import toplists, trending, versions
from retrieval.config import overridden
from retrieval.mixes import DEFAULT_BODY, create_revision, forget_cached_mixes, publish
from retrieval.service import retrieve
from retrieval.types import Request
from tests.api.opposites import opposites_world, version
from tests.retrieval.stores.database import url_of_this_run
from tests.worlds import NOW, World, movie_world, publish_patient_mix

ALL_ACTIVE = {"alien", "runner", "fargo", "lebowski", "heat", "amelie", "notebook"}


@pytest.fixture
def world(db: None) -> World:
    forget_cached_mixes()
    made = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return made


def candidates(out: Path, *arguments: str) -> str:
    """What the command says at the end."""
    said = StringIO()
    call_command("candidates", f"--out={out}", "--processes=0", *arguments, stdout=said)
    return said.getvalue()


def users_file(folder: Path, *users: str) -> str:
    path = folder / "users.txt"
    path.write_text("".join(f"{user}\n" for user in users))
    return f"--users={path}"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_user_gets_a_line(world, tmp_path):
    said = candidates(tmp_path / "all.jsonl")

    assert [line["user_id"] for line in lines(tmp_path / "all.jsonl")] == ["ann", "ben", "cat", "dan"]
    assert said.startswith("4 users in ")
    assert "users/s" in said


def test_the_candidates_are_those_of_a_request(world, tmp_path, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    candidates(tmp_path / "ann.jsonl", users_file(tmp_path, "ann"), "--k=3")

    [line] = lines(tmp_path / "ann.jsonl")
    answer = retrieve(Request(user="ann", k=3, now=NOW, use_cache=False, deadline_ms=60_000))
    assert line["item_ids"] == [
        answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)
    ]
    assert line["scores"] == pytest.approx(answer.pool.scores.tolist())
    assert len(line["sources"]) == 3
    assert set(line["sources"]) <= {"collaborative", "content", "trending", "social", "explore"}


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_unknown_users_are_cold_users_and_the_order_is_that_of_the_file(world, tmp_path, ending):
    users = [f"stranger {number}" for number in range(40)]
    users[17:17] = ["dan", "ann"]
    out = tmp_path / f"some.{ending}"

    said = candidates(out, users_file(tmp_path, *users))

    found = lines(out) if ending == "jsonl" else pq.read_table(out).to_pylist()
    assert [row["user_id"] for row in found] == users
    assert [row["known_user"] for row in found].count(True) == 2
    assert set(found[0]["item_ids"]) == ALL_ACTIVE
    assert "40 unknown, 42 short, 0 degraded" in said


def test_jsonl_and_parquet_say_the_same(world, tmp_path):
    candidates(tmp_path / "all.jsonl")
    candidates(tmp_path / "all.parquet")

    as_lines, as_table = lines(tmp_path / "all.jsonl"), pq.read_table(tmp_path / "all.parquet").to_pylist()
    assert [{**row, "scores": None} for row in as_lines] == [{**row, "scores": None} for row in as_table]
    assert [row["scores"] for row in as_lines] == [pytest.approx(row["scores"]) for row in as_table]


def test_a_name_with_another_ending_is_refused(world, tmp_path):
    with pytest.raises(CommandError, match=r"all\.csv is none of \.jsonl, \.parquet"):
        candidates(tmp_path / "all.csv")


def test_where_it_fails_what_was_there_stays(world, tmp_path):
    out = tmp_path / "all.jsonl"
    out.write_text("yesterday's")

    with pytest.raises(CommandError, match=r"nobody\.txt"):
        candidates(out, f"--users={tmp_path / 'nobody.txt'}")

    assert out.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [out]


def by_two_processes(tmp_path: Path, *users: str) -> list[dict]:
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "candidates", users_file(tmp_path, *users)),
            *("--processes=2", f"--out={tmp_path / 'out.jsonl'}"),
        ],
        env=os.environ
        | {
            "DATABASE_URL": url_of_this_run(),
            "REDIS_URL": settings.REDIS_URL,
            "BROKER_URL": settings.BROKER_URL,
            "REDIS_KEY_PREFIX": settings.TEST_KEY_PREFIX,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    return lines(tmp_path / "out.jsonl")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_several_processes_answer_in_order(tmp_path):
    movie_world()
    toplists.rebuild(NOW)
    publish(create_revision(DEFAULT_BODY, note="for other processes").number)
    users = [f"stranger {number}" for number in range(60)] + ["ann"]

    found = by_two_processes(tmp_path, *users)

    assert [line["user_id"] for line in found] == users
    assert set(found[0]["item_ids"]) == ALL_ACTIVE


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vectors_cache_mb", [0, 8], ids=["vectors in Postgres", "vectors in the process"])
def test_what_several_processes_write_is_what_a_request_of_each_user_gives(tmp_path, vectors_cache_mb):
    names = opposites_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    versions.promote(version(forward=True).id)
    users = ["u3", "nobody", "u0", *(f"u{number}" for number in range(4, 12)), "u1"]

    found = by_two_processes(tmp_path, *users)

    with overridden(vectors_cache_mb=vectors_cache_mb):
        asked = [retrieve(Request(user=user, k=1000, now=timezone.now(), use_cache=False)) for user in users]
    for line, answer in zip(found, asked, strict=True):
        rows = answer.facts.rows_of(answer.pool.item_ids)
        assert line["item_ids"] == [answer.facts.external_ids[row] for row in rows]
        assert line["scores"] == pytest.approx(answer.pool.scores.tolist(), abs=1e-3)
        assert (line["model"], line["mix"]) == (answer.model_version, answer.mix_revision)
    assert found[0]["item_ids"] == names
