"""Every page of the console that there is something to see on, and those that people ask something of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.urls import URLPattern, URLResolver

from catalog.models import Item, UserHistory
from experiments.models import Variant
from retrieval.models import MixRevision, TopList

# Doors, and what answers nothing but a button.
_LEFT_OUT = {"login", "logout", "password", "jsi18n", "autocomplete", "follow", "delete", "view_on_site"}
_PAGE = re.compile(r"(\w+)/(\w+)/(1/)?(?:([\w-]+)/)?")
# Enough of an id's beginning that many match, as for who has typed a few letters.
_BEGINNINGS = {"item": "item-0005", "user": "user-0001"}


# A preview of so many people has been compared already; any other waits for a worker.
COMPARED = 24


@dataclass(frozen=True, slots=True)
class Page:
    """data: of a POST; None: a GET. words: what it is, where the path does not say."""

    path: str
    data: Mapping[str, str] | None = None
    words: str = ""

    @property
    def name(self) -> str:
        return f"{self.path} ({self.words})" if self.words else self.path


def pages() -> Iterator[Page]:
    """Each page of the admin with the first row of its model, lists searched too; then the pages asked something."""
    yield from (Page("/"), Page("/admin/"), Page("/inspector/"))
    for route in _routes():
        found = _PAGE.fullmatch(route)
        if found is None or (found[4] or "") in _LEFT_OUT:
            continue
        try:
            model = apps.get_model(found[1], found[2])
        except LookupError:
            continue  # one of the admin's own
        address = f"/admin/{route}"
        if found[3]:
            first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
            if first is None:
                continue
            address = address.replace("/1/", f"/{quote(first)}/")
        yield Page(address)
        if not found[3] and not found[4] and admin.site._registry[model].search_fields:
            yield Page(f"{address}?q={_BEGINNINGS.get(found[2], 'a')}")
    yield from _asked()


def _asked() -> Iterator[Page]:
    person = UserHistory.objects.select_related("user").defer("events").order_by("-last_event_at")[0].user
    item = Item.objects.order_by("pk")[5].external_id
    draft = MixRevision.objects.order_by("-number")[0].number
    inspector, trending = f"/inspector/?user={person.external_id}", "/admin/catalog/item/trending/"
    metrics, mixes = "/admin/retrieval/daytotals/", "/admin/retrieval/mixrevision"
    lists = dict(TopList.objects.filter(kind__in=("category", "tag")).values_list("kind", "value")[:20])
    for path in (
        "/inspector/?user=user-00",
        inspector,
        *(
            f"{inspector}&{more}"
            for more in ("fresh=1", "show=sources", f"why={item}", "why=a", "examples=1")
        ),
        f"{inspector}&against=mix:{draft}",
        *(f"{trending}?half_life_h={hours}" for hours in (24, 1000)),
        *(f"{trending}?{kind}={value}" for kind, value in lists.items()),
        *(f"{metrics}?step={step}&days={days}" for step, days in (("hour", 7), ("day", 28))),
        *(f"{metrics}?step=day&days=28&arm={pk}" for pk in Variant.objects.values_list("pk", flat=True)[:1]),
        f"{metrics}sources/?step=day&days=28",
        f"{mixes}/{draft}/preview/?n={COMPARED}",
        f"{mixes}/compare/?after={draft}",
        "/admin/catalog/item/?p=20",
        "/admin/catalog/user/?p=20",
    ):
        yield Page(path)
    for kind, form in (("items", "jsonl"), ("items", "parquet"), ("events", "csv")):
        asked = {"do": "export", "kind": kind, "format": form, "most": "100000", "why": "To time it."}
        yield Page("/admin/console/datapage/", asked, f"first bytes of an export of {kind} as {form}")


def _routes() -> list[str]:
    found: set[str] = set()

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif pattern.name:
                found.add(re.sub(r"<[^>]+>", "1", route))

    walk(admin.site.urls[0], "")
    return sorted(found)
