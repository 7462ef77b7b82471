"""The small world served: trending, top lists and a mix with time enough for a busy machine."""

from retrieval import toplists, trending
from retrieval.mixes import DEFAULT_BODY, create_revision, forget_cached_mixes, publish
from tests.worlds import NOW, World, movie_world

BODY = {**DEFAULT_BODY, "sources": [{**slot, "limit_ms": 10_000} for slot in DEFAULT_BODY["sources"]]}


def served_world() -> World:
    """The clock must stand at `tests.worlds.NOW`."""
    forget_cached_mixes()
    world = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish(create_revision(BODY, note="the default mix").number)
    return world
