"""What must be said on every page that shows demonstration data."""

import json
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
    try:
        body = json.loads(Path(config().notice_file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Notice("Demonstration data", ("Its notice cannot be read; ask whoever loaded it.",))
    return _parse(body)


def _parse(body: Any) -> Notice:
    if isinstance(body, dict) and isinstance(body.get("title"), str) and isinstance(body.get("lines"), list):
        return Notice(body["title"], tuple(str(line) for line in body["lines"]))
    return Notice("Demonstration data", ("Its notice has an unknown form; ask whoever loaded it.",))


def notice_context(_request: HttpRequest) -> dict[str, Notice | None]:
    """Context processor: `notice` on every page, the admin's included."""
    return {"notice": current_notice()}


def environment_badge(_request: HttpRequest) -> list[str] | None:
    """unfold's badge beside the title of every admin page."""
    notice = current_notice()
    return [notice.title, "warning"] if notice else None
