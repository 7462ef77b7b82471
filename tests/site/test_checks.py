"""Settings that contradict each other are found before they hurt."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.checks import run_checks


def found() -> set[str]:
    return {str(message.id) for message in run_checks() if str(message.id).startswith("headwater.")}


def test_the_settings_as_they_come_are_consistent():
    assert found() == set()


@pytest.mark.parametrize(
    ("cache", "broker"),
    [
        ("redis://one:6379/0", "redis://one:6379/1"),
        ("redis://one/0", "redis://one:6379/1"),
        ("unix:///run/one.sock?db=0", "redis+socket:///run/one.sock"),
    ],
)
def test_one_server_for_cache_and_broker_is_refused(settings, cache: str, broker: str):
    settings.REDIS_URL, settings.BROKER_URL = cache, broker

    assert found() == {"headwater.E001"}


def test_two_databases_of_two_servers_are_fine(settings):
    settings.REDIS_URL, settings.BROKER_URL = "redis://one:6379/0", "redis://two:6379/0"

    assert found() == set()


def test_a_pool_beside_kept_connections_is_refused(settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": True})

    assert found() == {"headwater.E002"}


def test_a_task_longer_than_the_brokers_patience_is_refused(settings):
    settings.CELERY_TASK_TIME_LIMIT = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert found() == {"headwater.E003"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source_threads": 16, "hot_pool_size": 8}, "headwater.E004"),
        ({"source_threads": 4, "hot_pool_size": 8, "source_calls_in_flight": 8}, "headwater.E005"),
        ({"redis_timeout_ms": 200, "deadline_ms": 200}, "headwater.E006"),
    ],
)
def test_a_request_path_that_cannot_keep_its_deadline_is_refused(
    settings, changes: Mapping[str, Any], expected: str
):
    settings.HEADWATER = settings.HEADWATER | changes

    assert found() == {expected}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", True, "headwater.E007"),
        ("SECRET_KEY", "development-only-" + "0" * 40, "headwater.E008"),
        ("METRICS_TOKEN", "short", "headwater.E008"),
        ("SECURE_PROXY_SSL_HEADER", None, "headwater.W009"),
    ],
)
def test_production_refuses_what_is_fine_in_development(settings, name: str, value: object, expected: str):
    settings.PRODUCTION = True
    settings.SECRET_KEY = settings.METRICS_TOKEN = "long enough and random enough for a test"
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert found() == set()

    setattr(settings, name, value)

    assert found() == {expected}


@pytest.mark.parametrize(
    ("changes", "web", "expected"),
    [
        ({"hot_pool_size": 4, "source_threads": 4, "source_calls_in_flight": 2}, (1, 8), "headwater.E010"),
        ({}, (1000, 4), "headwater.W011"),
    ],
)
def test_sizes_that_do_not_fit_each_other_or_the_cores_are_told(settings, changes, web, expected: str):
    settings.HEADWATER = {**settings.HEADWATER, **changes}
    settings.WEB_WORKERS, settings.WEB_THREADS = web

    assert found() == {expected}


@pytest.mark.django_db
def test_more_connections_than_postgres_allows_are_told_where_it_may_be_asked(settings):
    settings.HEADWATER = {**settings.HEADWATER, "hot_pool_size": 10_000}

    messages = run_checks(databases=["default"])

    assert "headwater.W012" in {message.id for message in messages}
    assert "headwater.W012" not in found()
