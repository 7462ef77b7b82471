"""What each surface serves, what waits to be served on it, and what is tried out on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Experiment
from retrieval.models import MixChange, MixProposal, PublishedMix

_OPEN = (MixProposal.State.WAITING, MixProposal.State.PLANNED)
_SERVING = (MixChange.What.PUBLISHED, MixChange.What.ROLLED_BACK)
_MOST = 100


@dataclass(frozen=True, slots=True)
class Surface:
    """One row of the desk. last: the change that put its mix there, None where that is not known."""

    name: str
    served: PublishedMix
    last: MixChange | None
    proposals: Sequence[MixProposal]
    experiments: Sequence[Experiment]

    @property
    def title(self) -> str:
        return words_of(self.name)


def words_of(surface: str) -> str:
    return surface or "all surfaces"


def surfaces() -> list[Surface]:
    """Those with a mix of their own, and before them what serves all others."""
    served = (
        PublishedMix.objects.select_related("revision").defer("revision__body").order_by("surface")[:_MOST]
    )
    proposals = open_proposals()
    running = running_with_mixes()
    return [
        Surface(
            name=one.surface,
            served=one,
            last=_last(one),
            proposals=[other for other in proposals if other.surface == one.surface],
            experiments=[other for other in running if touches(other, one.surface)],
        )
        for one in served
    ]


def open_proposals() -> list[MixProposal]:
    rows = MixProposal.objects.filter(state__in=_OPEN).select_related("revision").defer("revision__body")
    return list(rows.order_by("publish_at", "id")[:_MOST])


def running_with_mixes() -> list[Experiment]:
    """The running experiments in which an arm is served another mix."""
    rows = Experiment.objects.filter(status=Experiment.Status.RUNNING, variants__mix_revision__isnull=False)
    return list(rows.distinct().order_by("id")[:_MOST])


def touches(experiment: Experiment, surface: str) -> bool:
    """Whether it changes what is served there; an experiment on "default" does on what serves "default"."""
    if experiment.surface in ("", surface):
        return True
    return surface == "" and not PublishedMix.objects.filter(surface=experiment.surface).exists()


def _last(served: PublishedMix) -> MixChange | None:
    rows = MixChange.objects.filter(surface=served.surface, after=served.revision_id, what__in=_SERVING)
    return rows.first()
