"""What an answer says of users of whom little is known."""

from collections.abc import Mapping

from retrieval.answer import ColdStart
from retrieval.mixes import Mix
from retrieval.sets import among
from retrieval.types import Context, Pool


def cold_start(mix: Mix, context: Context, pool: Pool) -> ColdStart | None:
    """How the user was served; None where the mix has grown up with the user, or has nothing for newcomers."""
    if not mix.parts:
        return None
    return ColdStart(
        served_by=_served_by(context, pool),
        maturity=round(mix.parts[0].share, 4),
        events=context.event_count,
        interests=len(context.stated.interests),
    )


def chosen_names(context: Context) -> Mapping[int, str]:
    """The interest's name by each seed that stands for a chosen interest: minus its id, or an item that the user never
    had to do with."""
    stated = context.stated
    if not stated.interests:
        return {}
    had = among(stated.events["item_id"].astype("i8"), context.engaged())
    never = zip(stated.events["item_id"].tolist(), had.tolist(), strict=True)
    names = {item_id: stated.names[item_id] for item_id, known in never if not known}
    return names | {-interest.id: interest.name for interest in stated.interests}


def _served_by(context: Context, pool: Pool) -> str:
    """Decided by what is in the list, not by what was asked."""

    def proposed(name: str) -> bool:
        return name in pool.sources and bool((pool.ranks[:, pool.sources.index(name)] > 0).any())

    if len(context.stated.events) or proposed("interests"):
        return "survey"
    if proposed("demographic") and (context.age_group or context.location or context.language):
        return "demographics"
    if proposed("trending") or proposed("demographic"):
        return "trending"
    return "random"
