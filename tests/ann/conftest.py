import pytest

from retrieval.ann.snapshots import serving
from retrieval.config import overridden


@pytest.fixture
def served_by_faiss(monkeypatch):
    """Vectors are too large to be kept whole, and a process looks for a new snapshot at every request."""
    monkeypatch.setattr(serving, "_LOOK_EVERY_S", 0.0)
    with overridden(vector_engine="faiss", vectors_cache_mb=0):
        yield
