"""A Postgres of its own that goes away and comes back under a pool that is in use."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recsys_site.embedded.addresses import embedded_addresses
from recsys_site.embedded.services import start_services, stop_services
from retrieval import sql
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import StoreUnavailable

pytestmark = pytest.mark.services


@pytest.fixture
def var_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    start_services(tmp_path, ("postgres",))
    url = embedded_addresses(tmp_path).database_url
    own = replace(config(), hot_pool_size=3, database_url=url)
    monkeypatch.setattr(sql, "config", lambda: own)
    sql.forget_pool()
    yield tmp_path
    sql.forget_pool()
    stop_services(tmp_path, ("postgres",))


def answers() -> bool:
    with hot_connection(Deadline.after_ms(30_000)) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def answers_before(moment: float) -> bool:
    while time.monotonic() < moment:
        try:
            return answers()
        except StoreUnavailable:
            continue
    return False


def test_an_outage_is_said_at_once_and_heals_by_itself(var_dir):
    with hot_connection(None), hot_connection(None):
        assert answers()

    stop_services(var_dir, ("postgres",))
    with pytest.raises(StoreUnavailable):
        answers()
    # Known to be away: nobody waits for it any more, whatever the deadline.
    with pytest.raises(StoreUnavailable, match="refuses"), hot_connection(None):
        pytest.fail("there is no server")

    start_services(var_dir, ("postgres",))
    assert answers_before(time.monotonic() + 60)
    with hot_connection(None), hot_connection(None):
        assert answers()
