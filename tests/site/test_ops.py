"""Dashboard and alerts ask for metrics that a scrape of this application has, by labels that those have."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from api import metrics as http
from coldstart.impressions.logging import LOGGED
from recsys_site.settings import BASE_DIR
from retrieval import metrics

OPS = Path(BASE_DIR) / "ops"
# Of the installation's standing, and of the last backup: tests/site/test_alerts.py has them speak.
READ_AT_SCRAPE = {
    "headwater_background_age_seconds",
    "headwater_backup_finished_seconds",
    "headwater_default_partition_rows",
    "headwater_disk_free_ratio",
    "headwater_live_model_age_seconds",
}
_SELECTOR = re.compile(r"(headwater_\w+)(?:\{([^}]*)\})?")


def expressions() -> list[str]:
    panels = json.loads((OPS / "grafana.json").read_text())["panels"]
    rules = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"][0]["rules"]
    return [target["expr"] for panel in panels for target in panel["targets"]] + [
        rule["expr"] for rule in rules
    ]


@pytest.fixture
def families(settings, db) -> dict[str, str]:
    """The type of each metric of a scrape, by the names of its samples."""
    header = f"Bearer {settings.METRICS_TOKEN}"
    body = Client().get("/metrics", headers={"authorization": header}).content.decode()
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
    return {
        family.name + ending: family.type
        for family in text_string_to_metric_families(body)
        for ending in endings.get(family.type, [])
    }


def test_every_expression_asks_for_metrics_of_a_real_scrape(families):
    asked = {name for expr in expressions() for name, _ in _SELECTOR.findall(expr)}
    assert len(asked) > 10
    assert asked - set(families) - READ_AT_SCRAPE == set()


def test_every_panel_says_what_it_shows_and_every_alert_what_to_do():
    panels = json.loads((OPS / "grafana.json").read_text())["panels"]
    rules = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"][0]["rules"]
    assert all(panel["description"] for panel in panels)
    assert all(rule["annotations"]["remedy"] for rule in rules)


def test_every_expression_groups_and_selects_by_labels_that_its_metrics_have():
    labels = {
        one._name: set(one._labelnames) | {"le"}
        for one in (*vars(metrics).values(), *vars(http).values(), LOGGED)
        if hasattr(one, "_labelnames")
    }
    for expr in expressions():
        grouped = {label for group in re.findall(r"by \(([^)]*)\)", expr) for label in group.split(", ")}
        for name, selector in _SELECTOR.findall(expr):
            if name in READ_AT_SCRAPE:
                continue
            metric = re.sub(r"_(total|bucket|count|sum)$", "", name)
            assert grouped | set(re.findall(r"(\w+)=", selector)) <= labels[metric], expr


def test_no_metric_of_a_request_is_labelled_by_user_item_or_request():
    labels = {
        label for one in vars(metrics).values() if hasattr(one, "_labelnames") for label in one._labelnames
    }
    assert labels == {"cache", "source", "outcome", "reason", "level", "result", "part", "engine"}
