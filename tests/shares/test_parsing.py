"""A mix's bandit as it is written: what is refused, and what each arm makes of the mix."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.mixes import Draw, Factors, InvalidMix, create_revision, parse_mix, with_draw
from tests.shares.mixes import body, mix


def drawn(arm: str, **bandit):
    return with_draw(mix(**bandit), Draw(1, "", arm, 0.5, 0, 600))


@pytest.mark.parametrize(
    ("bandit", "field"),
    [
        ({"arms": {}}, "bandit.arms"),
        ({"arms": {"one": {}}}, "bandit.arms"),
        ({"arms": {"a": {}, "B!": {}}}, "bandit.arms.B!"),
        ({"arms": {"a": {"content": 2}, "b": {"content": {"weight": 2, "quota": 2}}}}, "bandit.arms.b"),
        ({"arms": {"a": {}, "b": {"social": 2}}}, "bandit.arms.b.social"),
        ({"arms": {"a": {}, "b": {"content": -1}}}, "bandit.arms.b.content"),
        ({"arms": {"a": {}, "b": {"content": 60}}}, "bandit.arms.b.content"),
        ({"arms": {"a": {}, "b": {"content": {"wieght": 2}}}}, "bandit.arms.b.content.wieght"),
        ({"arms": {"a": {}, "b": {"content": 0, "trending": 0}}}, "bandit.arms.b"),
        ({"floor": 0.4}, "bandit.floor"),
        ({"floor": 0}, "bandit.floor"),
        ({"hold_s": 1}, "bandit.hold_s"),
        ({"prior": {"rate": 1}}, "bandit.prior.rate"),
        ({"prior": {"size": 1}}, "bandit.prior.size"),
        ({"half_life_days": 0}, "bandit.half_life_days"),
        ({"segments": {"planet": ["mars"]}}, "bandit.segments.planet"),
        ({"segments": {"device": ["phone", "Phone"]}}, "bandit.segments.device"),
        ({"segments": {"hours": [6]}}, "bandit.segments.hours"),
        ({"segments": {"hours": [18, 6]}}, "bandit.segments.hours"),
        ({"segments": {"hours": [6, 24]}}, "bandit.segments.hours"),
        ({"segments": {"events": [0]}}, "bandit.segments.events"),
        ({"segments": {"hours": list(range(24)), "events": list(range(1, 12))}}, "bandit.segments"),
        ({"epsilon": 0.1}, "bandit.epsilon"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(bandit, field):
    with pytest.raises(InvalidMix) as refused:
        parse_mix(body(**bandit))

    assert refused.value.field == field


def test_what_is_left_out_has_a_default_and_a_mix_need_have_none():
    bandit = mix().bandit

    assert (bandit.floor, bandit.hold_s, bandit.half_life_days) == (0.02, 600, 14)
    assert bandit.arms["hot"] == {"trending": Factors(4, 4)}
    assert mix(half_life_days=None).bandit.half_life_days is None
    assert parse_mix({"sources": [{"name": "content"}]}).bandit is None


def test_an_arm_multiplies_weights_and_quotas_and_has_a_key_of_its_own():
    assert [(slot.name, slot.weight, slot.quota) for slot in drawn("hot").slots] == [
        ("content", 1.0, 100),
        ("trending", 2.0, 400),
    ]
    assert drawn("usual").slots == mix().slots
    assert [slot.name for slot in drawn("alike").slots] == ["content"]
    assert [drawn(arm).key for arm in ("usual", "hot")] == ["1~usual", "1~hot"]


def test_what_was_learned_of_a_source_is_multiplied_too():
    written = body(arms={"a": {}, "b": {"content": {"weight": 3}}})
    written["sources"][0]["calibration"] = {"present": 1, "score": 2, "rank": -1}
    written["segments"] = [{"below_events": 5, "calibration": {"content": {"score": 1}}}]
    served = with_draw(parse_mix(written), Draw(0, "", "b", 0.5, 0, 600))

    assert served.coefficients("content", event_count=10) == (3, 6, -3)
    assert served.coefficients("content", event_count=1) == (0, 3, 0)
    assert served.slot("content").quota == 100


def test_the_documented_example_is_a_mix_and_says_what_the_table_says():
    page = (Path(__file__).resolve().parents[2] / "docs" / "source-bandit.md").read_text()
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])

    silent = parse_mix({**example, "bandit": {"arms": example["bandit"]["arms"]}}).bandit

    assert silent is not None
    segments = {"devices": ("phone", "tablet"), "hours": (6, 18), "events": (10, 100)}
    assert replace(silent, **segments) == parse_mix(example).bandit


@pytest.mark.django_db
def test_newcomers_are_not_served_by_a_mix_that_draws():
    beside = create_revision(body(), note="Draws.").number

    with pytest.raises(InvalidMix, match="has a bandit"):
        create_revision({**body(), "newcomers": {"revision": beside}}, note="Draws twice.")
