"""From the editor's forms to a mix's body: the start's, with what was changed and nothing else."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from coldstart.config import newcomers
from console.mixing.mix_form import SHARES, MixForm
from console.mixing.source_form import SourceForm

_SLOT: dict[str, Any] = {"weight": 1.0, "quota": 100, "limit_ms": 100, "fade_events": None, "options": {}}
_CAPS = {"creator_share": 1.0, "category_share": 1.0, "tag_share": 1.0, "explore_share": 0.0, "strict": False}


def body_of(start: dict[str, Any], form: MixForm, sources: Sequence[SourceForm]) -> dict[str, Any]:
    """What the valid forms say. What they don't show is as in the start: what was learned of a source."""
    body, fields = deepcopy(start), form.cleaned_data
    before = {slot["name"]: slot for slot in body.get("sources", [])}
    body["sources"] = [_slot(before.get(one.name), one) for one in sources if one.cleaned_data["on"]]
    _put(body, "merge", fields["merge"], "quotas")
    _put(body, "bias", fields["bias"], 0.0)
    _put(body, "overfetch", fields["overfetch"], 1.3)
    _put(body, "fill", _in_order(body.get("fill", []), fields["fill"]), [])
    seen = {"hide": True, "types": [], "window_days": None}
    types = _in_order(body.get("seen", {}).get("types", []), fields["seen_types"])
    found = {"hide": fields["hide_seen"], "types": types, "window_days": fields["window_days"]}
    _put_all(body, "seen", found, seen)
    _put_all(body, "caps", {name: fields[name] for name in (*SHARES, "strict")}, _CAPS)
    _put_newcomers(body, fields)
    _put_segments(body, fields, sources)
    _put(body, "bandit", fields["bandit"], None)
    return body


def _slot(before: dict[str, Any] | None, form: SourceForm) -> dict[str, Any]:
    slot, fields = before if before is not None else {"name": form.name}, form.cleaned_data
    for name, default in _SLOT.items():
        _put(slot, name, fields[name], default)
    if fields["drop_calibration"]:
        slot.pop("calibration", None)
    return slot


def _put_newcomers(body: dict[str, Any], fields: dict[str, Any]) -> None:
    if fields["newcomers_revision"] is None:
        body.pop("newcomers", None)
        return
    beside = body.get("newcomers") or {}
    body["newcomers"] = beside
    beside["revision"] = fields["newcomers_revision"]
    for name in ("maturity_events", "interest_worth_events"):
        _put(beside, name, fields[name], getattr(newcomers(), name))


def _put_segments(body: dict[str, Any], fields: dict[str, Any], sources: Sequence[SourceForm]) -> None:
    """Without those of sources that are gone, or are to be weighed by hand."""
    # The switch is shown where there were some.
    keep = fields["keep_segments"] or not body.get("segments")
    _put(body, "segments", fields["segments"], [])
    dropped = {one.name for one in sources if not one.cleaned_data["on"]}
    dropped |= {one.name for one in sources if one.cleaned_data["drop_calibration"]}
    if not keep:
        body.pop("segments", None)
    for segment in body.get("segments", []):
        for name in dropped & set(segment.get("calibration", {})):
            del segment["calibration"][name]


def _put_all(body: dict[str, Any], key: str, values: dict[str, Any], defaults: dict[str, Any]) -> None:
    part = body.get(key, {})
    for name, value in values.items():
        _put(part, name, value, defaults[name])
    if part:
        body[key] = part


def _put(part: dict[str, Any], key: str, value: Any, default: Any) -> None:
    """Nothing typed is the default; and what is as it was stays as it was written."""
    if value is None or value == "":
        value = default
    if part.get(key, default) == value:
        return
    if value == default:
        part.pop(key, None)
    else:
        part[key] = int(value) if isinstance(value, float) and value == int(value) else value


def _in_order(before: list[str], chosen: list[str]) -> list[str]:
    """The order says who is asked first: what was there keeps its place."""
    return [name for name in before if name in chosen] + [name for name in chosen if name not in before]
