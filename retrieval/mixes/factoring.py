"""A mix with other weights and quotas than it was written with."""

from collections.abc import Mapping
from dataclasses import replace

from retrieval.mixes.bandit import Draw, Factors
from retrieval.mixes.mix import Coefficients, Mix, Segment, Slot

_AS_WRITTEN = Factors()


def with_draw(mix: Mix, draw: Draw) -> Mix:
    """The mix with the drawn arm's shares, under a key of its own: what is kept of it is kept apart."""
    if mix.bandit is None:
        return mix
    factors = mix.bandit.arms[draw.arm]
    slots = tuple(_factored(slot, factors.get(slot.name, _AS_WRITTEN)) for slot in mix.slots)
    weights = {name: one.weight for name, one in factors.items()}
    return replace(
        mix,
        slots=tuple(slot for slot in slots if slot.quota or slot.weight),
        segments=tuple(weighted_segment(segment, weights) for segment in mix.segments),
        variation=f"{mix.variation}~{draw.arm}",
        draw=draw,
    )


def weighted(slot: Slot, factor: float) -> Slot:
    """The slot, counting `factor` times as much in whatever way its candidates are merged by weight."""
    if factor == 1.0:
        return slot
    calibration = slot.calibration and _times(slot.calibration, factor)
    return replace(slot, weight=slot.weight * factor, calibration=calibration)


def weighted_segment(segment: Segment, factors: Mapping[str, float]) -> Segment:
    """The segment, its numbers of a source times that source's factor, 1 where there is none."""
    own = {name: _times(one, factors.get(name, 1.0)) for name, one in segment.calibration.items()}
    return replace(segment, calibration=own)


def _factored(slot: Slot, factors: Factors) -> Slot:
    if factors == _AS_WRITTEN:
        return slot
    return replace(weighted(slot, factors.weight), quota=round(slot.quota * factors.quota))


def _times(coefficients: Coefficients, factor: float) -> Coefficients:
    present, score, rank = coefficients
    return present * factor, score * factor, rank * factor
