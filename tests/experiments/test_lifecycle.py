from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lifecycle import NotAllowed, ramp, start, stop
from experiments.models import Experiment
from experiments.places import LayerFull, grown, numbers
from experiments.running import read_running
from tests.experiments.running import draft, run_experiment

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
B = {"mix_revision": 7}


@given(st.lists(st.integers(0, 60), max_size=8), st.lists(st.integers(0, 40), max_size=8))
def test_experiments_of_a_layer_never_share_a_bucket_and_keep_what_they_hold(one, other):
    held: list[list[int]] = [[], []]
    for sizes in zip(one, other, strict=False):
        for place, size in enumerate(sizes):
            before = numbers(held[place])
            held[place] = grown(held[place], [held[1 - place]], size)
            after = numbers(held[place])
            kept = min(len(before), size)
            assert len(after) == size
            assert after[:kept] == before[:kept]
    assert not set(numbers(held[0])) & set(numbers(held[1]))


def test_a_full_layer_says_what_is_left():
    with pytest.raises(LayerFull, match=r"25 % of the users left, and 30 % more"):
        grown([], [[0, 7_500]], 3_000)


@pytest.mark.django_db
def test_an_experiment_is_started_ramped_and_stopped_and_each_step_is_noted():
    experiment = draft("e", b=B)
    start(experiment.pk, traffic_bp=100, by="ada", why="A little first.", now=NOW)
    ramp(experiment.pk, traffic_bp=2_000, by="ada", why="No harm seen.", now=NOW)
    (running,) = read_running()
    stop(experiment.pk, by="bob", why="Shipped.", now=NOW)

    assert running.places == (0, 2_000)
    assert read_running() == ()
    assert [(one.by, one.what, one.why) for one in experiment.changes.all()] == [
        ("bob", "Stopped at 20 % of the users.", "Shipped."),
        ("ada", "From 1 % to 20 % of the users.", "No harm seen."),
        ("ada", "Started with 1 % of the users.", "A little first."),
    ]
    assert experiment.guardrails.count() == 4


@pytest.mark.django_db
def test_what_is_wrong_is_said_with_the_remedy():
    cases = {
        "two variants or more": draft("alone", control=10_000),
        "add up to 9000 of 10000": draft("short", b={**B, "share_per_10000": 4_000}),
        "No variant sets anything": draft("same", b={}),
        "only the control may set": draft("held", b=B, fields={"holdout": True}),
    }
    for text, experiment in cases.items():
        with pytest.raises(NotAllowed, match=text):
            start(experiment.pk, traffic_bp=100, by="ada", why="x", now=NOW)
    with pytest.raises(NotAllowed, match="Say why"):
        start(draft("mute", b=B).pk, traffic_bp=100, by="ada", why=" ", now=NOW)
    assert not Experiment.objects.exclude(status="draft").exists()


@pytest.mark.django_db
def test_two_experiments_on_the_same_thing_need_one_layer():
    run_experiment("one", b=B, traffic_bp=6_000)

    with pytest.raises(NotAllowed, match="sets the mix too: put both on one layer"):
        run_experiment("two", b=B, layer="others")
    with pytest.raises(NotAllowed, match="40 % of the users left"):
        run_experiment("three", b=B, traffic_bp=5_000)
    run_experiment("elsewhere", b=B, layer="others", fields={"surface": "emails"})
    run_experiment("beside", b={"maturity_events": 9.0}, layer="cold")
