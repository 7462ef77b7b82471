"""The catalog's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class CatalogConfig:
    history_limit: int


@cache
def config() -> CatalogConfig:
    return CatalogConfig(**settings.CATALOG)
