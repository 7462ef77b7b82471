"""What the mix's own validation says, at the fields that it is about: all of it, not only the first."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from console.mixing.mix_form import MixForm
from console.mixing.source_form import SourceForm
from retrieval.mixes import InvalidMix, check_mix

_MOST = 100
_FIELDS = {
    "mix.bias": "bias",
    "mix.overfetch": "overfetch",
    "merge": "merge",
    "seen.window_days": "window_days",
    "seen.types": "seen_types",
    "newcomers.revision": "newcomers_revision",
    "newcomers.maturity_events": "maturity_events",
    "newcomers.interest_worth_events": "interest_worth_events",
    "segments": "segments",
    "bandit": "bandit",
}
_JSON = ("segments", "bandit")


def explain(body: dict[str, Any], form: MixForm, sources: Sequence[SourceForm]) -> bool:
    """Whether the body is a mix; where not, each fault stands at its field, with the remedy."""
    by_name = {one.name: one for one in sources}
    left, ok = deepcopy(body), True
    for _ in range(_MOST):
        try:
            check_mix(left)
        except InvalidMix as error:
            ok = False
            target, field = _place(error.field, left, form, by_name)
            in_json = target is form and field in _JSON
            # Within JSON its place is not where it stands on the page, so it is told.
            words = str(error) if in_json else str(error).removeprefix(f"{error.field}: ")
            target.add_error(field, words if field else str(error))
            # Without what was wrong the next fault comes to light.
            if not _without(left, field if in_json and field else error.field):
                return ok
        else:
            return ok
    return ok


def _place(
    place: str, body: dict[str, Any], form: MixForm, sources: dict[str, SourceForm]
) -> tuple[MixForm | SourceForm, str | None]:
    if slot := re.match(r"sources\[(\d+)\]\.(\w+)", place):
        source = sources[body["sources"][int(slot[1])]["name"]]
        field = "drop_calibration" if slot[2] == "calibration" else slot[2]
        return source, field if field in source.fields else None
    name = _FIELDS.get(place) or _FIELDS.get(re.split(r"[\[.]", place)[0]) or place.rpartition(".")[2]
    if place.startswith("fill"):
        name = "fill"
    return form, name if name in form.fields else None


def _without(body: dict[str, Any], place: str) -> bool:
    """Takes out what a place names; False where it names nothing that could be."""
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", place.removeprefix("mix."))]
    part: Any = body
    for step in steps[:-1]:
        try:
            part = part[step]
        except (KeyError, IndexError, TypeError):
            return False
    try:
        del part[steps[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
