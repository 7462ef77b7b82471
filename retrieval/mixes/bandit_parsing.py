"""From the `bandit` of a mix's body to a Bandit, or to a refusal that names the field and the remedy."""

import re
from collections.abc import Mapping
from typing import Any

from retrieval.mixes.bandit import Bandit, Factors
from retrieval.mixes.fields import MAX_QUOTA, Fields, text_list
from retrieval.mixes.mix import InvalidMix

MOST_ARMS = 12
MOST_SEGMENTS = 200
_MOST_DEVICES = 10
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_DEFAULT_FLOOR = 0.02


def parse_bandit(raw: Any, quotas: Mapping[str, int]) -> Bandit | None:
    """None where there is none. quotas: of the mix's sources, by name. Raises InvalidMix."""
    if raw is None:
        return None
    fields = Fields("bandit", raw)
    arms = _arms(fields.get("arms", {}), quotas)
    devices, hours, events = _segments(fields.get("segments", {}))
    prior = Fields("bandit.prior", fields.get("prior", {}))
    half_life = fields.get("half_life_days", 14.0)
    bandit = Bandit(
        arms=arms,
        devices=devices,
        hours=hours,
        events=events,
        prior_rate=prior.number("rate", 0.1, low=0.001, high=0.999),
        prior_draws=prior.number("draws", 20.0, low=1, high=100_000),
        floor=fields.number("floor", _DEFAULT_FLOOR, low=0.001, high=1 / len(arms)),
        hold_s=int(fields.number("hold_s", 600, low=10, high=86_400)),
        half_life_days=None if half_life is None else fields.number("half_life_days", 14, low=1, high=3650),
    )
    for read in (fields, prior):
        read.refuse_others()
    return bandit


def _arms(raw: Any, quotas: Mapping[str, int]) -> dict[str, dict[str, Factors]]:
    if not isinstance(raw, dict) or not 2 <= len(raw) <= MOST_ARMS:
        raise InvalidMix("bandit.arms", f"use an object of 2 to {MOST_ARMS} arms by name.")
    arms: dict[str, dict[str, Factors]] = {}
    # In an order of their own: Postgres keeps none of an object's keys.
    for name, factors in sorted(raw.items()):
        if not _NAME.fullmatch(name):
            raise InvalidMix(f"bandit.arms.{name[:40]}", "name it with a-z, 0-9, _ and -, at most 40.")
        arms[name] = _arm(f"bandit.arms.{name}", factors, quotas)
        for other, same in arms.items():
            if other != name and same == arms[name]:
                raise InvalidMix(
                    f"bandit.arms.{name}", f"it is the same as {other!r}: leave one of them out."
                )
    return arms


def _arm(place: str, raw: Any, quotas: Mapping[str, int]) -> dict[str, Factors]:
    """Only what differs from 1."""
    if not isinstance(raw, dict):
        raise InvalidMix(place, "use an object with a source's name for each key.")
    factors = {}
    for name, value in raw.items():
        if name not in quotas:
            raise InvalidMix(f"{place}.{name}", f"the mix has no such source: {', '.join(quotas)}.")
        found = _factors(f"{place}.{name}", place, name, value)
        if quotas[name] * found.quota > MAX_QUOTA:
            raise InvalidMix(
                f"{place}.{name}", f"the quota would be above {MAX_QUOTA}: use a smaller factor."
            )
        if found != Factors():
            factors[name] = found
    if all(factors.get(name) == Factors(0, 0) for name in quotas):
        raise InvalidMix(place, "it leaves no source: give one a factor above 0.")
    return factors


def _factors(full: str, place: str, name: str, value: Any) -> Factors:
    if not isinstance(value, dict):
        factor = Fields(place, {name: value}).number(name, 1.0, low=0, high=100)
        return Factors(factor, factor)
    fields = Fields(full, value)
    found = Factors(
        fields.number("weight", 1.0, low=0, high=100), fields.number("quota", 1.0, low=0, high=100)
    )
    fields.refuse_others()
    return found


def _segments(raw: Any) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    """(devices, hours, events)"""
    fields = Fields("bandit.segments", raw)
    devices = tuple(text.lower() for text in text_list("bandit.segments.device", fields.list("device")))
    if len(devices) > _MOST_DEVICES or len(set(devices)) != len(devices):
        raise InvalidMix("bandit.segments.device", f"use at most {_MOST_DEVICES}, each once.")
    for device in devices:
        if not _NAME.fullmatch(device):
            raise InvalidMix("bandit.segments.device", f"{device[:40]!r}: use a-z, 0-9, _ and -, at most 40.")
    hours = _bounds("hours", fields.list("hours"), low=0, high=23)
    if len(hours) == 1:
        raise InvalidMix("bandit.segments.hours", "one bound leaves the day whole: use two or more.")
    events = _bounds("events", fields.list("events"), low=1, high=1_000_000)
    fields.refuse_others()
    if (len(devices) + 1) * max(len(hours), 1) * (len(events) + 1) > MOST_SEGMENTS:
        raise InvalidMix(
            "bandit.segments", f"these are more than {MOST_SEGMENTS}: none would learn anything."
        )
    return devices, hours, events


def _bounds(name: str, raw: list[Any], *, low: int, high: int) -> tuple[int, ...]:
    place = f"bandit.segments.{name}"
    whole = all(isinstance(one, int) and not isinstance(one, bool) and low <= one <= high for one in raw)
    if not whole or raw != sorted(set(raw)):
        raise InvalidMix(place, f"use whole numbers from {low} to {high}, ascending, each once.")
    return tuple(raw)
