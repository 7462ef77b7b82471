"""The console's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    notice_file: str  # written by whoever loads demonstration data
    audience_file: str  # written by whoever makes traffic that is not real
    login_file: str  # where `make run` leaves the demo's log-in; empty: nowhere
    audience_off_file: str = ""  # there: whoever makes such traffic is to stop; empty: there can be none
    import_max_bytes: int = 200 * 1024 * 1024  # of a file that is uploaded
    metrics_dir: str = ""  # where several web processes leave their counters for one another
    second_approver: bool = False  # whether whoever wrote a mix needs somebody else to publish it
    require_totp: bool = False  # whether the staff must set up a second factor before they see a page
    preview_at_most_s: float = 8.0  # what a preview of a mix may take; what isn't done by then is left out


@cache
def config() -> ConsoleConfig:
    return ConsoleConfig(**settings.CONSOLE)
