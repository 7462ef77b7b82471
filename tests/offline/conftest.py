import dataclasses

import pytest

from retrieval.config import config


@pytest.fixture(autouse=True)
def snapshots_in(tmp_path, monkeypatch):
    """Snapshots of a test lie in its own folder."""
    own = dataclasses.replace(config(), snapshots_dir=str(tmp_path))
    monkeypatch.setattr("retrieval.offline.snapshot.config", lambda: own)
    monkeypatch.setattr("retrieval.offline.promoting.config", lambda: own)
    return tmp_path
