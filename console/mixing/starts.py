"""Where a draft begins: as what a surface serves, as any revision, or as a mix that Headwater ships."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from retrieval.mixes import DEFAULT_BODY, NEWCOMERS_BODY, SHIPPED, surface_of
from retrieval.models import MixRevision, PublishedMix
from retrieval.source import all_sources

_SHIPPED = {name: body for name, (body, _) in SHIPPED.items()} | {"newcomers": NEWCOMERS_BODY}


@dataclass(frozen=True, slots=True)
class Start:
    """key: as in the page's address, "live:", "revision:12", "shipped:fresh". gone: sources that are no more."""

    key: str
    words: str
    body: dict[str, Any]
    surface: str
    revision: MixRevision | None = None
    gone: tuple[str, ...] = ()


def start_of(key: str) -> Start:
    """The start that a key names; the mix that Headwater ships with, where there is no such thing."""
    kind, _, name = key.partition(":")
    if kind == "revision" and name.isdigit():
        revision = MixRevision.objects.filter(number=int(name)).first()
        if revision:
            return _from_revision(key, revision, surface_of(revision), str(revision))
    if kind == "shipped" and name in _SHIPPED:
        return _whole(key, f"the shipped mix “{name}”", _SHIPPED[name], name)
    surface = name if kind == "live" else ""
    served = PublishedMix.objects.filter(surface__in=("", surface)).select_related("revision")
    live = served.order_by("-surface").first()
    if live is None:
        return _whole("shipped:balanced", "the mix that Headwater ships with", DEFAULT_BODY, surface)
    where = surface or "all surfaces"
    return _from_revision(f"live:{surface}", live.revision, surface, f"{live.revision}, live on {where}")


def offered(surface: str, recent: list[MixRevision]) -> list[tuple[str, str]]:
    """(key, words) of the starts that a page offers for a surface."""
    return [
        (f"live:{surface}", f"What is live on {surface or 'all surfaces'}"),
        *((f"shipped:{name}", f"Shipped: {name}") for name in _SHIPPED),
        *((f"revision:{one.number}", f"{one}: {one.note[:60]}") for one in recent),
    ]


def _from_revision(key: str, revision: MixRevision, surface: str, words: str) -> Start:
    return _whole(key, words, revision.body, surface, revision)


def _whole(
    key: str, words: str, body: dict[str, Any], surface: str, revision: MixRevision | None = None
) -> Start:
    """Without sources that are no more: one that was retired must not keep a mix from being tuned."""
    copied = deepcopy(body)
    listed = copied.get("sources", [])
    gone = tuple(slot.get("name", "?") for slot in listed if slot.get("name") not in all_sources())
    copied["sources"] = [slot for slot in listed if slot.get("name") not in gone]
    return Start(key, words, copied, surface, revision, gone)
