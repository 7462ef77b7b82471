"""Whether somebody else has to agree before a revision reaches people: the setting MIX_SECOND_APPROVER."""

from console.config import config
from experiments.models import Experiment
from retrieval.mixes import was_served
from retrieval.models import MixRevision

WAITS = "Another person with the right to publish has to agree: you wrote this revision."


def must_wait(revision: MixRevision, *, by: str, surface: str | None) -> bool:
    """True where a second person is asked for and `by` wrote the revision. What the surface served before needs nobody:
    rolling back is never held up. surface: None where it isn't a surface that would serve it, but an experiment."""
    if not config().second_approver or revision.author != by:
        return False
    return surface is None or not was_served(revision.number, surface)


def must_wait_for(experiment: Experiment, *, by: str) -> bool:
    """Likewise for starting an experiment, whichever of its arms has a mix that `by` wrote."""
    if not config().second_approver:
        return False
    numbers = experiment.variants.filter(mix_revision__isnull=False).values_list("mix_revision", flat=True)
    return MixRevision.objects.filter(number__in=list(numbers), author=by).exists()
