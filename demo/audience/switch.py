"""Whether the audience is wanted, and what pages say of it: two files beside the demo's notice.

The switch is a file that is there where the audience is off, so that it works while it runs, from any process. The
notice has an end: where nobody writes it anew, as of a process that was killed, pages stop saying that it is on.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

TITLE = "A simulated audience is on"
LINES = (
    "A program asks, looks, clicks, likes and hides for people of the demo, so that the pages are alive; what it did "
    "before the demo was started is invented with its times. Its events say simulated-audience, its requests and new "
    "people begin with sim-.",
    "Switch it off on the home page of the admin, with “.venv/bin/python manage.py audience off”, or start with "
    "AUDIENCE=0.",
)
_AFTERWARDS = {
    "title": "A simulated audience was on",
    "lines": [
        "What it did stays in the figures: its events say simulated-audience, its requests and new people begin with "
        "sim-. The admin’s home page switches it on, and so does “.venv/bin/python manage.py audience on”."
    ],
}
BEAT_S = 10.0
_BELIEVED_S = 60.0


class Switch:
    def __init__(self, off_file: Path) -> None:
        self._off_file = off_file

    def wanted(self) -> bool:
        return not self._off_file.exists()

    def turn(self, *, on: bool) -> None:
        if on:
            self._off_file.unlink(missing_ok=True)
        else:
            self._off_file.parent.mkdir(parents=True, exist_ok=True)
            self._off_file.touch()


class Notice:
    """What pages say while it runs, and when it was last at work."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def beat(self) -> None:
        """It is on, and will be for a minute."""
        body = {
            "title": TITLE,
            "lines": LINES,
            "until": time.time() + _BELIEVED_S,
            "afterwards": _AFTERWARDS,
        }
        unfinished = self._file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(self._file)

    def end(self) -> None:
        """It is off from now on; when it was last at work stays."""
        if self.last_at_work() is not None:
            body = json.loads(self._file.read_text()) | {"until": time.time()}
            self._file.write_text(json.dumps(body) + "\n", encoding="utf-8")

    def last_at_work(self) -> datetime | None:
        """About; None where it never was, or nobody knows."""
        try:
            until = float(json.loads(self._file.read_text())["until"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return datetime.fromtimestamp(min(until, time.time()), UTC)

    def is_on(self) -> bool:
        """Whether it said so within the last minute."""
        try:
            return float(json.loads(self._file.read_text())["until"]) > time.time()
        except (OSError, ValueError, KeyError, TypeError):
            return False
