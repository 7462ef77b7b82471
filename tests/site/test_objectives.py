"""Prometheus' rules and the console have the same objectives."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from api.metrics import SECONDS, TIMED_VIEW
from recsys_site.settings import BASE_DIR
from retrieval.objectives import BURNS, PERIOD, Burn, availability, latency, latency_ms

RULES = {
    rule["alert"]: rule
    for rule in yaml.safe_load((Path(BASE_DIR) / "ops" / "alerts.yml").read_text())["groups"][0]["rules"]
}
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


@pytest.mark.parametrize("burn", BURNS, ids=["fast", "slow"])
@pytest.mark.parametrize("objective", [availability(), latency()], ids=["availability", "latency"])
def test_a_rule_has_the_windows_the_rate_and_the_severity(objective, burn: Burn):
    rule = RULES[f"Headwater{objective.name.title()}Burns{'Fast' if burn.urgent else ''}"]
    parts = rule["expr"].split(" and ")
    windows = [{int(n) * _UNITS[unit] for n, unit in re.findall(r"\[(\d+)([mh])\]", part)} for part in parts]

    assert windows == [{burn.long}, {burn.short}]
    assert [float(part.rpartition(">")[2]) for part in parts] == pytest.approx(
        [burn.rate * objective.budget] * 2
    )
    assert rule["labels"]["severity"] == ("page" if burn.urgent else "ticket")


def test_slow_is_the_same_for_both_and_a_bound_of_the_histogram():
    bounds = {float(text) for name in RULES for text in re.findall(r'le="([\d.]+)"', RULES[name]["expr"])}
    views = {text for name in RULES for text in re.findall(r'view="(\w+)"', RULES[name]["expr"])}

    assert bounds == {latency_ms() / 1000}
    assert views == {TIMED_VIEW}
    assert bounds < set(SECONDS._kwargs["buckets"])


def test_what_is_promised_is_promised_for_thirty_days():
    text = (Path(BASE_DIR) / "ops" / "alerts.yml").read_text()

    assert timedelta(days=30) == PERIOD
    assert f"{100 * availability().share:g} % of requests answered" in text
    assert f"{100 * latency().share:g} % of candidates within {latency_ms():g} ms, over 30 days" in text
