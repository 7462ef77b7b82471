"""The mix as it is served to one user: with the arm that chance chose, where it has a say."""

from retrieval.mixes import Mix, mature_share, with_draw
from retrieval.shares.drawing import Chances, draw
from retrieval.shares.keeping import current_policies
from retrieval.shares.segments import segment_of
from retrieval.types import Context, Request


def served(mix: Mix, request: Request, context: Context) -> Mix:
    """`mix` with the drawn shares; as it was written where it has no bandit and where nothing could be learned.

    A choice of sources or a preview is nobody's feed; whom the catalogue doesn't know leaves no trace; and who gets
    the newcomers' mix alone would get the same of every arm.
    """
    bandit = mix.bandit
    if bandit is None or not request.draws or not context.user_id:
        return mix
    if request.sources or request.mix_revision is not None:
        return mix
    known = {"event_count": context.event_count, "interests": len(context.stated.interests)}
    if not mature_share(mix, **known):
        return mix
    segment = segment_of(
        bandit, attributes=request.attributes, now=request.now, event_count=context.event_count
    )
    policies = current_policies()
    chances = policies.get((mix.revision, segment)) or policies.get((mix.revision, ""))
    drawn = draw(
        bandit,
        chances or Chances.even(tuple(bandit.arms)),
        revision=mix.revision,
        user=request.user,
        segment=segment,
        now_s=int(request.now.timestamp()),
    )
    return with_draw(mix, drawn)
