"""The movie world, ready to be asked: lists and trends built, a mix published."""

from retrieval import toplists, trending
from retrieval.mixes import create_revision, forget_cached_mixes, publish
from tests.worlds import NOW, World, movie_world

BODY = {
    "sources": [{"name": "content", "quota": 600}, {"name": "trending", "quota": 400}],
    "merge": "round_robin",
    "fill": [],
}


def open_screening() -> World:
    world = movie_world()
    toplists.rebuild(NOW)
    trending.rebuild(NOW)
    forget_cached_mixes()
    publish(create_revision(BODY, note="What the tests are served.").number)
    return world
