"""Which mix serves a request."""

from experiments.assignment import assign, running_experiments
from retrieval.mixes.mix import Mix
from retrieval.mixes.store import mix_by_revision, published_mix


def choose_mix(user: str, surface: str, *, preview: int | None = None) -> tuple[Mix, dict[str, str]]:
    """The mix that a preview names, else that of the user's arm, else what is published; and the user's arms."""
    if preview is not None:
        return mix_by_revision(preview), {}
    assignments = assign(user, surface, running_experiments())
    arms = {a.experiment: a.variant for a in assignments}
    revision = next((a.mix_revision for a in assignments if a.mix_revision is not None), None)
    return published_mix(surface) if revision is None else mix_by_revision(revision), arms
