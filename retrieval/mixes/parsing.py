"""From a mix's JSON body to a Mix, or to a refusal that names the field and the remedy."""

from typing import Any

from coldstart.config import newcomers
from retrieval.merging import FEATURES, MERGES
from retrieval.mixes.bandit_parsing import parse_bandit
from retrieval.mixes.fields import MAX_QUOTA, Fields, known_source, text_list
from retrieval.mixes.mix import Caps, Coefficients, InvalidMix, Mix, Newcomers, Segment, Slot


def parse_mix(body: Any, revision: int = 0) -> Mix:
    """The mix that a JSON body describes. Raises InvalidMix, naming the field and the remedy."""
    top = Fields("mix", body)
    slots = tuple(_slot(i, raw) for i, raw in enumerate(top.list("sources")))
    names = [slot.name for slot in slots]
    if not slots:
        raise InvalidMix("sources", "name at least one source.")
    if len(set(names)) != len(names):
        raise InvalidMix("sources", "a source stands twice: give each one slot.")
    merge = top.text("merge", "quotas")
    if merge not in MERGES:
        raise InvalidMix("merge", f"{merge!r} is unknown: use one of {', '.join(MERGES)}.")
    seen = Fields("seen", top.get("seen", {}))
    window = seen.get("window_days", None)
    mix = Mix(
        revision=revision,
        slots=slots,
        merge=merge,
        bias=top.number("bias", 0.0, low=-100, high=100),
        overfetch=top.number("overfetch", 1.3, low=1.0, high=4.0),
        seen_types=frozenset(text_list("seen.types", seen.list("types"))),
        seen_window_days=None if window is None else seen.number("window_days", 0, low=0, high=36_500),
        hide_seen=seen.flag("hide", default=True),
        caps=_caps(top.get("caps", {})),
        fill=tuple(known_source(f"fill[{i}]", name) for i, name in enumerate(top.list("fill"))),
        newcomers=_newcomers(top.get("newcomers", None)),
        segments=_segments(top.list("segments"), merge, names),
        bandit=parse_bandit(top.get("bandit", None), {slot.name: slot.quota for slot in slots}),
    )
    for fields in (top, seen):
        fields.refuse_others()
    return mix


def _slot(index: int, raw: Any) -> Slot:
    place = f"sources[{index}]"
    fields = Fields(place, raw)
    options, calibration = fields.get("options", {}), fields.get("calibration", None)
    if not isinstance(options, dict):
        raise InvalidMix(f"{place}.options", "use an object.")
    fade = fields.get("fade_events", None)
    slot = Slot(
        name=known_source(f"{place}.name", fields.get("name", None)),
        quota=int(fields.number("quota", 100, low=0, high=MAX_QUOTA)),
        weight=fields.number("weight", 1.0, low=0.0, high=1000.0),
        limit_ms=int(fields.number("limit_ms", 100, low=1, high=10_000)),
        options=options,
        calibration=None if calibration is None else _calibration(f"{place}.calibration", calibration),
        fade_events=None if fade is None else fields.number("fade_events", 0, low=0.1, high=10_000),
    )
    fields.refuse_others()
    return slot


def _calibration(place: str, raw: Any) -> Coefficients:
    fields = Fields(place, raw)
    present, score, rank = (fields.number(name, 0.0, low=-100, high=100) for name in FEATURES)
    fields.refuse_others()
    return present, score, rank


def _newcomers(raw: Any) -> Newcomers | None:
    if raw is None:
        return None
    fields = Fields("newcomers", raw)
    found = Newcomers(
        revision=int(fields.number("revision", 0, low=1, high=2**31 - 1)),
        maturity_events=fields.number("maturity_events", newcomers().maturity_events, low=0.1, high=10_000),
        interest_worth_events=fields.number(
            "interest_worth_events", newcomers().interest_worth_events, low=0, high=1000
        ),
    )
    fields.refuse_others()
    return found


def _segments(listed: list[Any], merge: str, sources: list[str]) -> tuple[Segment, ...]:
    if listed and merge != "calibrated":
        raise InvalidMix("segments", f"only the calibrated merge reads them: use it instead of {merge!r}.")
    segments = tuple(_segment(f"segments[{i}]", raw, sources) for i, raw in enumerate(listed))
    bounds = [segment.below_events for segment in segments]
    if bounds != sorted(set(bounds)):
        raise InvalidMix("segments", "name them by ascending below_events, each once.")
    return segments


def _segment(place: str, raw: Any, sources: list[str]) -> Segment:
    fields = Fields(place, raw)
    below = int(fields.number("below_events", 0, low=1, high=1_000_000))
    calibration = fields.get("calibration", {})
    if not isinstance(calibration, dict):
        raise InvalidMix(f"{place}.calibration", "use an object with a source's name for each key.")
    for name in calibration:
        if name not in sources:
            raise InvalidMix(
                f"{place}.calibration.{name}", f"the mix has no such source: {', '.join(sources)}."
            )
    fields.refuse_others()
    own = {name: _calibration(f"{place}.calibration.{name}", value) for name, value in calibration.items()}
    return Segment(below, own)


def _caps(raw: Any) -> Caps:
    fields = Fields("caps", raw)
    shares = {
        name: fields.number(name, default, low=0.0, high=1.0)
        for name, default in (
            ("creator_share", 1.0),
            ("category_share", 1.0),
            ("tag_share", 1.0),
            ("explore_share", 0.0),
        )
    }
    strict = fields.flag("strict", default=False)
    fields.refuse_others()
    return Caps(**shares, strict=strict)
