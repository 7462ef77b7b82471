"""The catalog's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class CatalogConfig:
    history_limit: int
    last_known_dir: str  # what web processes leave for one that starts while Postgres is away


@cache
def config() -> CatalogConfig:
    values: dict[str, Any] = dict(settings.CATALOG)
    return CatalogConfig(**values)
