import dataclasses

import pytest

from catalog.models import Item
from retrieval.config import config
from retrieval.offline import pipeline
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands


@pytest.fixture(autouse=True)
def snapshots_in(tmp_path, monkeypatch):
    """Snapshots of a test lie in its own folder."""
    own = dataclasses.replace(config(), snapshots_dir=str(tmp_path))
    monkeypatch.setattr("retrieval.offline.snapshot.config", lambda: own)
    monkeypatch.setattr("retrieval.offline.promoting.config", lambda: own)
    return tmp_path


@pytest.fixture
def items(db) -> list[Item]:
    """The islands' items, with a version live that was trained on them."""
    _, items = two_islands()
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG))
    return items
