"""Which intervals a read-out shows, and why those, in words."""

from datetime import datetime

from experiments.looks import next_look_at
from experiments.models import Experiment
from experiments.readout import Kind, ReadOut


def kind_text(experiment: Experiment, found: ReadOut, now: datetime) -> str:
    if found.kind is Kind.DAILY:
        return _daily(experiment, found, now)
    return {
        Kind.ONCE: "Intervals and p are those of one look, because this experiment is read once, when its planned "
        "users are in.",
        Kind.ANY_TIME: "Intervals and p hold at any time, however long it runs, because no duration is planned: "
        "looking every day is harmless. With planned days they would be narrower.",
        Kind.AFTER_PLAN: "It went on after its planned end, where the last look spent what was left of the 5 %: what "
        "was decided until then stays, and nothing new is claimed. Intervals and p hold at any time.",
    }[found.kind]


def _daily(experiment: Experiment, found: ReadOut, now: datetime) -> str:
    text = (
        f"A look a day for {experiment.planned_days} days, because that long is planned: over all of them together a "
        "difference that isn’t there is claimed once in 20 times (group-sequential boundaries, alpha spending). "
    )
    upcoming = next_look_at(experiment, now)
    when = f"{upcoming:%-d %B, %H:%M} UTC" if upcoming else ""
    if found.look is None:
        return text + (f"The first look is on {when}." if when else "No look was taken.")
    text += f"What is shown is the look of day {found.look}; looking more often shows the same."
    return f"{text} The next is on {when}." if when else f"{text} It was the last."
