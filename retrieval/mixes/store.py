"""Revisions in Postgres, with a copy in the process that is at most a second old."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from catalog.kept import Kept
from retrieval.mixes.changes import note, was_served
from retrieval.mixes.mix import DEFAULT_BODY, NEWCOMERS_BODY, SESSION_BODY, InvalidMix, Mix
from retrieval.mixes.parsing import parse_mix
from retrieval.mixes.shipped import SHIPPED
from retrieval.models import MixChange, MixRevision, PublishedMix

_NEWCOMERS = "newcomers"
# The surface of candidates for a session, and the name of the mix that Headwater ships for it.
SESSIONS = "sessions"
# A revision never changes, so its parsed form is kept for good; only the pointer is read again.
_parsed: dict[int, Mix] = {}
_pointers: Kept[dict[str, int]] = Kept(
    lambda: dict(PublishedMix.objects.values_list("surface", "revision_id"))
)


def create_revision(body: Any, *, note: str, author: str = "", name: str = "default") -> MixRevision:
    """A new revision, validated and not yet served. Raises InvalidMix."""
    check_mix(body)
    return MixRevision.objects.create(name=name, body=body, note=note, author=author)


def check_mix(body: Any) -> Mix:
    """`parse_mix`, and the mix that it names for newcomers is there. Raises InvalidMix."""
    mix = parse_mix(body)
    if mix.newcomers is not None:
        try:
            beside = mix_by_revision(mix.newcomers.revision)
        except InvalidMix as error:
            raise InvalidMix("newcomers.revision", f"{error}") from error
        if beside.newcomers is not None:
            raise InvalidMix(
                "newcomers.revision", "that mix has newcomers of its own: name one that has none."
            )
        if beside.bandit is not None:
            raise InvalidMix(
                "newcomers.revision", "that mix has a bandit, which only a mix served by itself may have."
            )
    return mix


def shipped_body(body: Any = DEFAULT_BODY) -> dict[str, Any]:
    """`body`, and beside it for newcomers the mix that Headwater ships with, which becomes a revision where it is none
    yet."""
    newcomers = MixRevision.objects.filter(name=_NEWCOMERS, body=NEWCOMERS_BODY).first()
    if newcomers is None:
        words = "For people of whom little is known: half popular, three tenths chosen, a fifth random."
        newcomers = create_revision(NEWCOMERS_BODY, note=words, author="headwater", name=_NEWCOMERS)
    return {**body, "newcomers": {"revision": newcomers.number}}


def publish(revision: int, *, surface: str = "", by: str = "", why: str = "") -> None:
    """Serves the revision on the surface ("": on all without their own). Rolling back is publishing an old one."""
    with transaction.atomic():
        row = MixRevision.objects.get(number=revision)
        parse_mix(row.body, revision)
        served = PublishedMix.objects.select_for_update().filter(surface=surface).first()
        what = MixChange.What.ROLLED_BACK if was_served(revision, surface) else MixChange.What.PUBLISHED
        before = served.revision_id if served else None
        note(what, row, surface=surface, before=before, by=by, why=why)
        PublishedMix.objects.update_or_create(surface=surface, defaults={"revision": row, "published_by": by})
    forget_cached_mixes()


def ensure_published() -> Mix:
    """What is published for all surfaces; the default mix becomes a revision where nothing is yet, and so do those
    of sessions and of `SHIPPED` for their surfaces."""
    with transaction.atomic():
        row = PublishedMix.objects.select_for_update().filter(surface="").first()
        if row is None:
            revision = create_revision(
                shipped_body(), note="The mix that Headwater ships with.", author="headwater"
            )
            _serve_first(revision, "")
        _publish_beside(SESSIONS, SESSION_BODY, "For what somebody does right now, known or not.")
        for surface, (body, words) in SHIPPED.items():
            _publish_beside(surface, shipped_body(body) if body is DEFAULT_BODY else body, words)
    forget_cached_mixes()
    return published_mix()


def _publish_beside(surface: str, body: dict[str, Any], words: str) -> None:
    """For that surface, where nobody has published anything on it or made and withdrawn a mix of its name."""
    if PublishedMix.objects.filter(surface=surface).exists():
        return
    if MixRevision.objects.filter(name=surface).exists():
        return
    _serve_first(create_revision(body, note=words, author="headwater", name=surface), surface)


def _serve_first(revision: MixRevision, surface: str) -> None:
    _, is_new = PublishedMix.objects.get_or_create(surface=surface, defaults={"revision": revision})
    if is_new:
        note(MixChange.What.PUBLISHED, revision, surface=surface, by=revision.author, why=revision.note)


def published_mix(surface: str = "") -> Mix:
    """The surface's mix, or the one for all surfaces. Raises InvalidMix where nothing is published."""
    pointers = _pointers.get()
    revision = pointers.get(surface, pointers.get(""))
    if revision is None:
        raise InvalidMix(
            "mix", "no mix is published: run `manage.py publish_default_mix` or publish one in the admin."
        )
    return mix_by_revision(revision)


def mix_by_revision(revision: int) -> Mix:
    """Raises InvalidMix where there is no such revision."""
    if revision not in _parsed:
        row = MixRevision.objects.filter(number=revision).first()
        if row is None:
            raise InvalidMix("mix", f"there is no revision {revision}.")
        _parsed[revision] = parse_mix(row.body, revision)
    return _parsed[revision]


def published_bodies() -> tuple[dict[str, int], dict[int, Any]]:
    """As stored this moment: the published revision by surface, and the body of each of these revisions."""
    rows = list(PublishedMix.objects.values_list("surface", "revision_id", "revision__body"))
    return (
        {surface: revision for surface, revision, _ in rows},
        {revision: body for _, revision, body in rows},
    )


def take_mixes_as_known(pointers: Mapping[str, int], bodies: Mapping[int, Any]) -> None:
    """As `Kept.take_as_known`, of what `published_bodies` said. Raises InvalidMix."""
    for revision, body in bodies.items():
        _parsed.setdefault(revision, parse_mix(body, revision))
    _pointers.take_as_known(dict(pointers))


def forget_cached_mixes() -> None:
    """The next call reads Postgres again; tests whose revisions are rolled back need it too."""
    _pointers.forget()
    _parsed.clear()
