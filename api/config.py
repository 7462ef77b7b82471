"""The API's settings, frozen at first use."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings  # noqa: TID251  the one place of this app that reads them
from django.core.exceptions import ImproperlyConfigured
from limits import RateLimitItem, parse


@dataclass(frozen=True, slots=True)
class ApiConfig:
    metrics_token: str
    metrics_dir: str  # "": one process serves
    max_body_bytes: int
    max_json_depth: int
    max_rows: int  # of one bulk body
    key_cache_ttl_s: float  # how long a revoked key may still work
    last_known_keys_s: int  # how long what was left of them opens while Postgres is away; 0: nothing is left
    rates: Mapping[str, RateLimitItem]  # by scope, per key
    var_dir: str = "."  # of this machine's run-time data


@cache
def config() -> ApiConfig:
    values: dict[str, Any] = dict(settings.API)
    return ApiConfig(
        **{**values, "rates": {scope: _rate(scope, text) for scope, text in values["rates"].items()}}
    )


def _rate(scope: str, text: str) -> RateLimitItem:
    try:
        return parse(text)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"RATE_{scope.upper()} is {text!r}: write it like '60000/minute'."
        ) from error
