from collections.abc import Callable

import pytest
from django.test import Client

from api.authentication import verified_keys
from api.models import ApiKey
from tests.api.films import served_world
from tests.api.ready_site import Site
from tests.pooled import pool_of_two
from tests.worlds import World

__all__ = ["pool_of_two"]

MakeKey = Callable[..., str]


@pytest.fixture(autouse=True)
def _forget_verified_keys() -> None:
    verified_keys.cache_clear()


@pytest.fixture
def make_key(db: None) -> MakeKey:
    def make(*scopes: str, **fields: object) -> str:
        _, key = ApiKey.objects.create_key(name="test", scopes=list(scopes), **fields)
        return key

    return make


@pytest.fixture
def reader(make_key: MakeKey) -> Client:
    """A client whose key may read."""
    return Client(headers={"authorization": f"Api-Key {make_key('read')}"})


@pytest.fixture
def sender(make_key: MakeKey) -> Client:
    """A client whose key may send events."""
    return Client(headers={"authorization": f"Api-Key {make_key('events')}"})


@pytest.fixture
def writer(make_key: MakeKey) -> Client:
    """A client whose key may write the catalog."""
    return Client(headers={"authorization": f"Api-Key {make_key('catalog')}"})


@pytest.fixture
def world(pool_of_two) -> World:
    """The small world served from a pool, as in production; a file that needs another has its own."""
    return served_world()


@pytest.fixture
def http(world: World, make_key: MakeKey) -> Client:
    """An administrator who asks by way of the shortcut."""
    return Site(headers={"authorization": f"Api-Key {make_key('admin')}"})
