"""How requests to the API end, as the error budget counts them."""

import pytest

from api import throttling
from retrieval.models import RequestSlot
from retrieval.tally import flush, forget_counts
from tests.api.ready_site import ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_request_is_counted_once_by_how_it_ended(http, monkeypatch):
    forget_counts()
    for _ in range(2):  # computed, and ready
        ask(http, surface="home")
    http.get("/api/v1/trending?k=0")
    monkeypatch.setattr("api.discovery.views.trending.top", _broken)
    http.get("/api/v1/trending")
    monkeypatch.setattr(throttling.KeyThrottle, "allow_request", lambda *_: False)
    http.get("/api/v1/trending")

    flush()

    expected = {
        "served": 2,
        "degraded": 0,
        "refused": 1,
        "limited": 1,
        "shed": 0,
        "failed": 1,
        "timed": 2,  # candidates alone
    }
    assert {name: sum(RequestSlot.objects.values_list(name, flat=True)) for name in expected} == expected


def _broken(*_: object) -> None:
    raise RuntimeError("broken")
