from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from coldstart.exploration.config import config

Ruled = Callable[..., None]


@pytest.fixture
def ruled(settings: Settings) -> Iterator[Ruled]:
    """Changes exploration's settings for the rest of the test."""

    def change(**changes: Any) -> None:
        settings.EXPLORATION = {**settings.EXPLORATION, **changes}
        config.cache_clear()

    yield change
    config.cache_clear()
