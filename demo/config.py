"""The demo's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class DemoConfig:
    downloads_dir: str
    notice_file: str  # what pages say about the data
    audience_allowed: bool  # only on embedded servers, and so never in production
    audience_file: str  # what pages say about the simulated audience
    audience_off_file: str  # there: it is switched off
    audience_per_s: float  # answers it asks for in its first moments
    entrance_file: str  # where `make run` leaves the address and a key


@cache
def config() -> DemoConfig:
    return DemoConfig(**settings.DEMO)
