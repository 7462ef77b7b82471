"""The demo's simulated audience, seen from the console: whether it is wanted, whether it is at work, and its switch.

Whoever plays it tells by files, and is told by one: the console knows of no demo.
"""

from dataclasses import dataclass
from pathlib import Path

from console.config import config
from console.notices import is_traffic_on


@dataclass(frozen=True, slots=True)
class Audience:
    """wanted: it is to play. at_work: it said so within the last minute."""

    wanted: bool
    at_work: bool

    @property
    def words(self) -> str:
        if not self.wanted:
            return "off"
        return "on" if self.at_work else "wanted, and not at work"


def audience() -> Audience | None:
    """None where there can be none: not a demo, or one on servers that others use as well."""
    off_file = config().audience_off_file
    if not off_file or not Path(config().notice_file).exists():
        return None
    return Audience(wanted=not Path(off_file).exists(), at_work=is_traffic_on())


def switch(*, on: bool) -> None:
    """It looks at its switch once a second. Raises OSError where the file can't be written."""
    off_file = Path(config().audience_off_file)
    if on:
        off_file.unlink(missing_ok=True)
    else:
        off_file.parent.mkdir(parents=True, exist_ok=True)
        off_file.touch()
