"""Which mix and model version serve a request, and which experiments have a say in that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from experiments.assignment import Assignment, Settings, assign
from experiments.running import running_experiments
from retrieval.mixes.mix import Mix, Newcomers
from retrieval.mixes.store import mix_by_revision, published_mix
from retrieval.types import InvalidRequest, LiveModel
from retrieval.versions import live_model, model_by_version

# Where an arm changes the mix for newcomers and the mix has none yet.
_MATURITY_EVENTS, _INTEREST_WORTH_EVENTS = 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Choice:
    """arms: variant by experiment, forced ones too. always: whose arm matters to every such request; beginners: only to
    whom something is shown by the newcomers' mix."""

    mix: Mix
    model: LiveModel | None
    arms: Mapping[str, str] = field(default_factory=dict)
    always: tuple[Assignment, ...] = ()
    beginners: tuple[Assignment, ...] = ()


def choose_mix(
    user: str, surface: str, *, preview: int | None = None, model_version: int | None = None
) -> Choice:
    """What a preview names, else what the user's arms set, else what is published. Raises InvalidRequest for a version
    that cannot serve."""
    choice = _choose(user, surface, preview)
    if model_version is None:
        return choice
    model = model_by_version(model_version)
    if model is None:
        raise InvalidRequest(
            "model_version", f"Version {model_version} cannot serve: choose one that is ready."
        )
    return replace(choice, model=model, always=(), beginners=())


def _choose(user: str, surface: str, preview: int | None) -> Choice:
    live = live_model()
    if preview is not None:
        return Choice(mix_by_revision(preview), live)
    assignments = assign(user, surface, running_experiments())
    published = published_mix(surface)
    if not assignments:
        return Choice(published, live)
    mix, model = published, live
    for assignment in assignments:
        settings = assignment.arm.settings
        if settings.mix_revision is not None:
            mix = mix_by_revision(settings.mix_revision)
        if settings.model_version is not None:
            model = model_by_version(settings.model_version) or live
    for assignment in assignments:
        mix = with_cold_start(mix, assignment.arm.settings)
    counted = [one for one in assignments if not one.forced]
    always = tuple(one for one in counted if one.experiment.holdout or _matters(one, published, live))
    beginners = tuple(one for one in counted if one not in always and "cold start" in one.experiment.kinds())
    arms = {one.experiment.name: one.arm.name for one in assignments}
    return Choice(mix, model, arms, always, beginners)


def with_cold_start(mix: Mix, settings: Settings) -> Mix:
    """The mix with the arm's settings for newcomers, under a name of its own: what is kept of it is kept apart."""
    if "cold start" not in settings.kinds():
        return mix
    beside = mix.newcomers
    revision = settings.newcomers_revision or (beside.revision if beside else None)
    if revision is None:
        return mix
    newcomers = Newcomers(
        revision,
        settings.maturity_events or (beside.maturity_events if beside else _MATURITY_EVENTS),
        beside.interest_worth_events if beside else _INTEREST_WORTH_EVENTS,
    )
    return replace(mix, newcomers=newcomers, variation=f"/{revision}/{newcomers.maturity_events:g}")


def _matters(assignment: Assignment, published: Mix, live: LiveModel | None) -> bool:
    """Whether the experiment's arms are served different mixes or models just now: so told for all arms alike, or
    one would have more users than its share."""
    settings = [arm.settings for arm in assignment.experiment.arms]
    version = live.version if live else 0
    served = {(one.mix_revision or published.revision, one.model_version or version) for one in settings}
    return len(served) > 1
