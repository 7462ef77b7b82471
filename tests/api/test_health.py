import pytest
from django.test import Client

from retrieval import readiness, valkey
from retrieval.mixes import ensure_published, forget_cached_mixes


@pytest.fixture(autouse=True)
def _no_mix_of_another_test():
    forget_cached_mixes()
    yield
    forget_cached_mixes()


def test_a_live_process_says_so_and_asks_nobody():
    assert Client().get("/livez").json() == {"status": "alive"}


@pytest.mark.django_db
def test_a_process_with_everything_it_needs_is_ready():
    ensure_published()

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json()["checks"] == {"postgres": "ok", "cache": "ok", "mix": "ok"}


@pytest.mark.django_db
def test_without_a_mix_it_is_not_ready_and_says_why():
    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["detail"] == "Not ready: mix."
    assert response["Retry-After"] == "1"


def test_the_figures_need_the_token():
    response = Client().get("/metrics")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_token_under_another_scheme_shows_no_figures(settings):
    header = f"Basic {settings.METRICS_TOKEN}"

    assert Client().get("/metrics", headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer wrong", "Bearer é"])
def test_a_wrong_token_shows_no_figures(header):
    assert Client().get("/metrics", headers={"authorization": header}).status_code == 401


@pytest.mark.django_db
def test_with_the_token_the_figures_come_in_prometheus_text(settings):
    response = Client().get("/metrics", headers={"authorization": f"Bearer {settings.METRICS_TOKEN}"})

    assert response.status_code == 200
    assert b"headwater_http_unlimited_total" in response.content


@pytest.mark.django_db
def test_without_the_cache_it_stays_ready_and_says_what_is_missing(monkeypatch):
    nowhere = valkey.connect("unix:///nonexistent/cache.sock", timeout_s=0.05)
    nowhere.breaker = valkey.Breaker()
    monkeypatch.setattr(readiness, "client", lambda: nowhere)
    ensure_published()

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["cache"] != "ok"
