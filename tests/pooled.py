"""The pool of a production process against the test's database: real threads, real connections of its own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from retrieval import sql
from retrieval.config import RetrievalConfig, config
from retrieval.prepared import forget_prepared
from tests.retrieval.stores.database import url_of_this_run


@pytest.fixture
def pool_of_two(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[RetrievalConfig]:
    """The settings that it runs under."""
    settings_of_a_server = replace(config(), hot_pool_size=2, database_url=url_of_this_run())
    monkeypatch.setattr(sql, "config", lambda: settings_of_a_server)
    sql.forget_pool()
    forget_prepared()
    yield settings_of_a_server
    sql.forget_pool()
    forget_prepared()
