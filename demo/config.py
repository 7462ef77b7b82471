"""The demo's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class DemoConfig:
    downloads_dir: str
    notice_file: str  # what pages say about the data


@cache
def config() -> DemoConfig:
    return DemoConfig(**settings.DEMO)
