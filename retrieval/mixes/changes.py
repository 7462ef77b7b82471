"""What was done to mixes, by whom and why: written in the transaction that does it."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from retrieval.models import MixChange, MixRevision, PublishedMix

_SERVED = (MixChange.What.PUBLISHED, MixChange.What.ROLLED_BACK)
# The line of revisions that is for all surfaces without a mix of their own.
GENERAL = "default"


def note(
    what: MixChange.What,
    revision: MixRevision,
    *,
    surface: str,
    before: int | None = None,
    by: str = "",
    why: str = "",
) -> None:
    MixChange.objects.create(
        at=timezone.now(), by=by, what=what, surface=surface, before_id=before, after=revision, why=why
    )


def was_served(revision: int, surface: str) -> bool:
    """Whether the surface served the revision before; what it serves now was not "before"."""
    served = PublishedMix.objects.filter(surface=surface, revision_id=revision).exists()
    changes = MixChange.objects.filter(surface=surface, after_id=revision, what__in=_SERVED)
    return not served and changes.exists()


def line_of(surface: str) -> str:
    """The name of the revisions that are written for a surface."""
    return surface or GENERAL


def surface_of(revision: MixRevision) -> str:
    """The surface that a revision was written for, by its name."""
    return "" if revision.name == GENERAL else revision.name


def revisions_of(surface: str) -> QuerySet[MixRevision]:
    """Those written for the surface, and those that it served; the newest first, without their bodies."""
    served = MixChange.objects.filter(surface=surface, what__in=_SERVED).values("after_id")
    return MixRevision.objects.filter(Q(name=line_of(surface)) | Q(number__in=served)).defer("body")
