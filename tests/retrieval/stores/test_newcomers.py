"""What a process knows of new items comes from Postgres alone, and a copy of it serves while Postgres is away."""

import time
from datetime import timedelta
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from catalog.models import Item
from coldstart import ledger
from coldstart.exploration.arms import nobody_new
from coldstart.exploration.choosing import standing
from coldstart.exploration.config import config as exploration
from coldstart.impressions.logging import Answered, ImpressionLog, log_answer
from coldstart.impressions.values import Shown
from coldstart.models import Cell, Impression, Trial
from retrieval import toplists, valkey
from retrieval.answer import Answer
from retrieval.config import overridden
from retrieval.deadline import Deadline
from retrieval.newcomers import current_newcomers, forget_newcomers, still_stands
from retrieval.newcomers.arrivals import mark_of
from retrieval.newcomers.keeping import read_newcomers
from retrieval.service import retrieve
from retrieval.sql import forget_pool
from retrieval.types import Request
from tests.coldstart.new_item_worlds import HOUR, NOW, add_items, add_users, engaged, people, shown
from tests.worlds import movie_world, publish_patient_mix, try_item


def soon() -> Deadline:
    return Deadline.after_ms(60_000)


def posteriors() -> dict[str, tuple[float, float]]:
    return {trial.item.external_id: (trial.alpha, trial.beta) for trial in Trial.objects.all()}


def begin() -> None:
    """Of two new items one had 10 clicks in 100 impressions, one none; both are arms after their first hour."""
    add_users(100)
    add_items(2)
    ledger.advance(NOW)
    shown("i1", *people(100))
    shown("i2", *people(100))
    engaged("i1", *people(3))
    ledger.advance(NOW + HOUR)


@pytest.mark.django_db
def test_posteriors_and_draws_are_the_same_after_a_wipe_of_the_cache_and_a_restart():
    begin()
    before, drawn = posteriors(), current_newcomers(soon()).bandit

    if keys := list(valkey.client().scan_iter(valkey.key("*"))):
        valkey.client().delete(*keys)
    forget_newcomers()
    again = current_newcomers(soon()).bandit

    assert posteriors() == before == {"i1": (3.75, 146.25), "i2": (0.75, 149.25)}
    assert again.item_ids.tolist() == drawn.item_ids.tolist()
    assert (again.bank_of("") == drawn.bank_of("")).all()


@pytest.mark.django_db
def test_even_counts_that_are_lost_come_back_from_impressions_and_events():
    begin()
    before = posteriors()
    Cell.objects.all().delete()
    Trial.objects.update(exposures=0, engagements=0, alpha=0.75, beta=49.25)

    ledger.rebuild(NOW + HOUR)

    assert posteriors() == before


@pytest.mark.django_db
def test_what_has_not_changed_is_not_read_again():
    begin()
    known = read_newcomers(nobody_new(), soon())

    assert read_newcomers(known, soon()).trials is known.trials
    ledger.advance(NOW + 2 * HOUR)
    assert read_newcomers(known, soon()).trials is not known.trials


@pytest.mark.django_db
def test_an_item_taken_out_is_no_longer_tried_once_anything_changes():
    begin()
    Item.objects.filter(external_id="i1").update(active=False)

    assert len(read_newcomers(nobody_new(), soon()).trials) == 1


@pytest.fixture
def own_connections(transactional_db):
    """As in a web process: a pool of its own and a copy that is read beside the requests."""
    url = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    with overridden(database_url=url, hot_pool_size=2):
        forget_pool()
        yield
        forget_pool()


def until(known) -> None:
    """Waits for what another thread does; the test's own time limit is the limit."""
    while not known():
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_web_process_serves_its_copy_and_reads_anew_beside_the_requests(own_connections):
    begin()

    assert len(current_newcomers(soon())) == 0  # the first request doesn't wait
    until(lambda: len(current_newcomers(soon())) > 0)

    assert sorted(current_newcomers(soon()).trials.item_ids) == sorted(
        Trial.objects.values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_an_answers_impressions_are_stored_by_a_thread_of_their_own():
    (user_id, *_), (item_id, *_) = add_users(1), add_items(1)
    rows = [Shown(user_id, "r1", item_id, NOW, 1, "bandit", 0.5)]

    log_answer(rows, at=NOW)
    log_answer(rows, at=NOW)

    until(Impression.objects.exists)
    assert Impression.objects.count() == 1


def test_a_log_that_nobody_empties_is_bounded(monkeypatch):
    log = ImpressionLog(waiting=3)
    monkeypatch.setattr(log, "_start", lambda: None)

    assert [log.add(Answered([], NOW)) for _ in range(5)] == [True] * 3 + [False] * 2


def test_the_mark_of_arrivals_moves_at_once_and_then_every_twenty_seconds():
    quiet = mark_of(arrived_at_s=1_000, now_s=5_000)

    at_once = mark_of(arrived_at_s=5_001, now_s=5_002)
    another_in_the_same_time = mark_of(arrived_at_s=5_010, now_s=5_011)
    when_that_is_over = mark_of(arrived_at_s=5_010, now_s=5_020)

    assert quiet != at_once == another_in_the_same_time != when_that_is_over
    assert mark_of(arrived_at_s=5_010, now_s=9_000) == when_that_is_over


@pytest.mark.django_db
def test_cached_candidates_are_made_anew_when_an_item_arrives(time_machine):
    world = movie_world()
    publish_patient_mix()
    toplists.rebuild(NOW)

    def ask() -> Answer:
        return retrieve(Request(user="dan", k=20, now=NOW))

    time_machine.move_to(NOW, tick=False)
    assert [ask().cache_level for _ in range(2)] == ["none", "L1"]
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    try_item(world.items["notebook"], share=0.0, at=NOW + timedelta(minutes=1))
    assert [ask().cache_level for _ in range(2)] == ["none", "L1"]


@pytest.mark.django_db
def test_what_was_chosen_stands_until_what_is_due_to_the_user_changes():
    world = movie_world()
    dan, nothing = world.users["dan"], np.empty(0, np.int64)
    assert still_stands(dan, 0, nothing)

    try_item(world.items["notebook"], share=1.0)

    assert not still_stands(dan, 0, nothing)
    assert still_stands(0, 0, nothing)  # nothing is tried on who is unknown
    was = standing(current_newcomers(soon()), dan, now_s=int(time.time()), rules=exploration())
    assert still_stands(dan, was, nothing)
    assert not still_stands(dan, was, np.array([world.items["alien"]]))  # no arm of the bandit

    Trial.objects.update(share=0.999_999, changed_at=NOW)
    assert not still_stands(dan, was, nothing)  # its propensity is another


def test_nothing_is_tried_where_nothing_is_new():
    assert len(nobody_new()) == 0
    assert np.asarray(nobody_new().bandit.bank_of("x")).shape == (512, 0)
