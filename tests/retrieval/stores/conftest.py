import pytest

from retrieval import toplists, trending
from retrieval.mixes import forget_cached_mixes
from tests.pooled import pool_of_two
from tests.worlds import NOW, World, movie_world, publish_patient_mix

__all__ = ["pool_of_two"]


@pytest.fixture
def world(pool_of_two) -> World:
    """The small world asked through a pool, as in production; a file that needs another has its own."""
    forget_cached_mixes()
    made = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return made
