"""The small world served: trending, top lists and a mix with time enough for a busy machine."""

from retrieval import toplists, trending
from retrieval.mixes import forget_cached_mixes
from tests.worlds import NOW, World, movie_world, publish_patient_mix


def served_world() -> World:
    """The clock must stand at `tests.worlds.NOW`."""
    forget_cached_mixes()
    world = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return world
