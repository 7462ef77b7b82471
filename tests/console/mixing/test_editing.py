"""The mix editor's form: what is typed becomes a draft."""

import json

import pytest
from django.test import Client
from django.utils.html import escape

from console.mixing.differences import differences
from retrieval.mixes import DEFAULT_BODY
from retrieval.models import MixChange, MixRevision
from retrieval.source import all_sources
from tests.console.mixing.pages import AT, BODY, published, saved, text, typed

pytestmark = pytest.mark.django_db


def test_what_is_not_changed_is_saved_as_it_was(ada: Client, live: MixRevision) -> None:
    draft = saved(ada, "live:")

    assert (draft.body, draft.author, draft.note) == (BODY, "ada", "A try.")
    assert published() == live.number
    change = MixChange.objects.latest("id")
    assert (change.what, change.before, change.after, change.why) == ("drafted", live, draft, "A try.")


def test_what_is_changed_is_saved_and_nothing_else(ada: Client, live: MixRevision) -> None:
    changes = {"content-weight": "0.75", "trending-quota": "50", "mix-creator_share": "0.2", "fresh-on": "on"}
    draft = saved(ada, "live:", **changes)

    found = {(one.where, one.before, one.after) for one in differences(BODY, draft.body)}

    assert found == {
        ("Content: weight", "0.5", "0.75"),
        ("Trending: quota", "300", "50"),
        ("Caps, creator, at most", "–", "0.2"),
        (all_sources()["fresh"].label, "–", "in the mix"),
        (f"{all_sources()['fresh'].label}: weight", "–", "1"),
        (f"{all_sources()['fresh'].label}: quota", "–", "100"),
        (f"{all_sources()['fresh'].label}: deadline in ms", "–", "100"),
    }


def test_learned_numbers_are_said_to_count_instead_of_a_weight_and_can_be_dropped(
    ada: Client, live: MixRevision
) -> None:
    shown = text(ada.get(f"{AT}/edit/?from=live:"))
    assert "Its weight does nothing" in shown
    assert "For people with fewer than 20 events its weight does nothing" in shown

    dropped = {"trending-drop_calibration": "on", "content-drop_calibration": "on"}
    draft = saved(ada, "live:", **dropped)

    assert "calibration" not in draft.body["sources"][0]
    assert draft.body["segments"] == [{"below_events": 20, "calibration": {}}]


def test_every_fault_is_explained_at_its_field_and_what_was_typed_is_kept(
    ada: Client, live: MixRevision
) -> None:
    wrong = {
        "content-weight": "-3",
        "trending-limit_ms": "0",
        "mix-overfetch": "77",
        "mix-tag_share": "1.5",
        "mix-window_days": "-2",
    }
    answer = ada.post(f"{AT}/edit/", {"from": "live:", **typed(BODY, **wrong)})

    shown = text(answer)
    for words in ("0 to 1000.", "1 to 10000.", "1 to 4.", "0 to 1.", "0 to 36500."):
        assert f"use a number from {words}" in shown
    for value in ("-3", "77", "1.5", "A try."):
        assert f'value="{value}"' in shown
    assert MixRevision.objects.get() == live


def test_a_number_or_options_that_are_none_are_told(ada: Client, live: MixRevision) -> None:
    wrong = {"content-weight": "much", "content-options": "{"}
    shown = text(ada.post(f"{AT}/edit/", {"from": "live:", **typed(BODY, **wrong)}))
    assert "Enter a number." in shown
    assert "This is no JSON" in shown


def test_segments_and_bandit_are_written_as_json(ada: Client, live: MixRevision) -> None:
    bandit = {"arms": {"usual": {}, "fresher": {"trending": 4}}, "segments": {"device": ["phone"]}}
    draft = saved(ada, "live:", **{"mix-bandit": json.dumps(bandit), "mix-segments": ""})

    assert draft.body == {**{part: BODY[part] for part in ("sources", "merge")}, "bandit": bandit}
    shown = text(ada.get(f"{AT}/edit/?from=revision:{draft.number}"))
    assert "&quot;fresher&quot;: {" in shown


@pytest.mark.parametrize(
    ("part", "wrong", "told"),
    [
        (
            "bandit",
            '{"arms": {"a": {}, "b": {"fresh": 2}}}',
            "bandit.arms.b.fresh: the mix has no such source",
        ),
        ("bandit", '{"arms": {"a": {}}}', "bandit.arms: use an object of 2 to 12 arms by name."),
        ("bandit", '{"arms": ', "This is no JSON: Expecting value in line 1, column 9."),
        ("bandit", "[]", "Use an object, like"),
        ("segments", '[{"below_events": 0}]', "segments[0].below_events: 0: use a number from 1"),
    ],
)
def test_what_is_wrong_within_json_is_told_with_its_place(
    ada: Client, live: MixRevision, part: str, wrong: str, told: str
) -> None:
    shown = text(ada.post(f"{AT}/edit/", {"from": "live:", **typed(BODY, **{f"mix-{part}": wrong})}))

    assert shown.count(told) == 1
    assert escape(wrong) in shown
    assert MixRevision.objects.get() == live


@pytest.mark.parametrize("start", ["shipped:fresh", "shipped:newcomers", "revision:999", "nonsense"])
def test_a_draft_begins_where_one_says(ada: Client, start: str) -> None:
    assert "Draft from" in text(ada.get(f"{AT}/edit/", {"from": start}))


def test_a_source_that_is_gone_keeps_nobody_from_tuning(ada: Client) -> None:
    body = {**DEFAULT_BODY, "sources": [*DEFAULT_BODY["sources"], {"name": "retired"}]}
    old = MixRevision.objects.create(body=body, note="old")
    assert "no such source any more: retired" in text(ada.get(f"{AT}/edit/?from=revision:{old.number}"))
