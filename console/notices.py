"""What must be said on every page that shows demonstration data."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpRequest

from console.config import config


@dataclass(frozen=True, slots=True)
class Notice:
    """`title` names the data; each of `lines` is one sentence a reader has to know about it."""

    title: str
    lines: tuple[str, ...]


def current_notice() -> Notice | None:
    """The notice of the loaded data, or None.

    Whoever loads demonstration data writes `{"title": "…", "lines": ["…", …]}` to the notice file, and
    removes the file with the data: the console itself knows of no data set.
    """
    return _read(config().notice_file, "Demonstration data", _parse)


def current_traffic() -> Notice | None:
    """What is to be said of traffic that is not real; None where there was none.

    Whoever makes some writes a notice to the audience file, with `"until"`, the Unix time up to which that is true
    unless it is written anew, and `"afterwards"`, the notice from then on.
    """

    def parse(body: Any) -> Notice:
        is_over = (
            isinstance(body, dict) and isinstance(body.get("until"), float) and body["until"] <= time.time()
        )
        return _parse(body.get("afterwards") if is_over else body)

    return _read(config().audience_file, "Simulated traffic", parse)


def is_traffic_on() -> bool:
    """Whether whoever makes it said so within the time that it gave itself."""
    try:
        return float(json.loads(Path(config().audience_file).read_text())["until"]) > time.time()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _read(file: str, otherwise: str, parse: Callable[[Any], Notice]) -> Notice | None:
    try:
        body = json.loads(Path(file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Notice(otherwise, ("Its notice cannot be read; ask whoever loaded it.",))
    return parse(body)


def _parse(body: Any) -> Notice:
    if isinstance(body, dict) and isinstance(body.get("title"), str) and isinstance(body.get("lines"), list):
        return Notice(body["title"], tuple(str(line) for line in body["lines"]))
    return Notice("Demonstration data", ("Its notice has an unknown form; ask whoever loaded it.",))


def notice_context(_request: HttpRequest) -> dict[str, Notice | None]:
    """Context processor: `notice` and `traffic` on every page, the admin's included."""
    return {"notice": current_notice(), "traffic": current_traffic()}


def environment_badge(_request: HttpRequest) -> list[str] | None:
    """unfold's badge beside the title of every admin page."""
    titles = [notice.title for notice in (current_notice(), current_traffic()) if notice]
    return [". ".join(titles), "warning"] if titles else None
