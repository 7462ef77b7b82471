"""What the mix editor's pages are asked and answer."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User as Staff
from django.test import Client

from console.tasks import compare_mixes
from retrieval.mixes import create_revision, publish
from retrieval.models import MixRevision, PublishedMix
from tests.console.staff import logged_in

AT = "/admin/retrieval/mixrevision"
LEARNED = {"present": 0.5, "score": 0.25, "rank": 0.0}
BODY: dict[str, Any] = {
    "sources": [
        {"name": "trending", "quota": 300, "calibration": LEARNED},
        {"name": "content", "quota": 100, "weight": 0.5, "options": {"seeds": 7}},
    ],
    "merge": "calibrated",
    "segments": [{"below_events": 20, "calibration": {"content": LEARNED}}],
}


def served(body: Any, *, note: str, surface: str = "") -> MixRevision:
    revision = create_revision(body, note=note, author="ada", name=surface or "default")
    publish(revision.number, surface=surface, by="ada", why="To serve it.")
    return revision


def typed(body: dict[str, Any], **changes: str) -> dict[str, str]:
    """What the editor's form holds for such a mix, with changes as field=value; "" takes a field away."""
    fields = {
        "mix-note": "A try.",
        "mix-merge": body["merge"],
        "mix-hide_seen": "on",
        "mix-keep_segments": "on",
        **{f"mix-{part}": json.dumps(body[part]) for part in ("segments", "bandit") if part in body},
    }
    for slot in body["sources"]:
        fields[f"{slot['name']}-on"] = "on"
        fields[f"{slot['name']}-weight"] = str(slot.get("weight", 1))
        fields[f"{slot['name']}-quota"] = str(slot["quota"])
        fields[f"{slot['name']}-limit_ms"] = "100"
        fields[f"{slot['name']}-options"] = '{"seeds": 7}' if slot["name"] == "content" else ""
    return {name: value for name, value in (fields | changes).items() if value}


def saved(client: Client, start: str, **changes: str) -> MixRevision | None:
    client.post(f"{AT}/edit/", {"from": start, **typed(BODY, **changes)})
    return MixRevision.objects.exclude(note="live").first()


def published(surface: str = "") -> int:
    return PublishedMix.objects.get(surface=surface).revision_id


def who(name: str) -> Client:
    """Somebody who may do everything; without a password, which takes long to hash."""
    return logged_in(Staff.objects.create(username=name, is_staff=True, is_superuser=True))


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def with_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Previews are compared as soon as somebody asks, as by a worker that has nothing else to do."""
    monkeypatch.setattr(compare_mixes, "apply_async", lambda arguments, **_rest: compare_mixes(*arguments))
