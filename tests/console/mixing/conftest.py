"""Somebody who tunes mixes, and a mix that is live."""

from collections.abc import Iterator

import pytest
from django.test import Client

from console.config import config
from retrieval.mixes import forget_cached_mixes
from retrieval.models import MixRevision
from tests.console.mixing.pages import BODY, served, who


@pytest.fixture(autouse=True)
def _no_mix_from_another_test() -> Iterator[None]:
    forget_cached_mixes()
    yield
    forget_cached_mixes()


@pytest.fixture
def ada() -> Client:
    return who("ada")


@pytest.fixture
def live() -> MixRevision:
    return served(BODY, note="live")


@pytest.fixture
def two_pairs_of_eyes(settings) -> None:
    settings.CONSOLE = {**settings.CONSOLE, "second_approver": True}
    config.cache_clear()
