"""Draws of two segments as they are summed up, every arm drawn with a third: in all 1,440, of which 192 were engaged.

segment      draws an arm   usual        hot          alike
events=10+   320            32 engaged   64 engaged   32 engaged
events=0-9   160            32 engaged    8 engaged   24 engaged
"""

from datetime import UTC, datetime

from catalog.sql import cursor
from retrieval.models import ShareCell
from retrieval.shares.learning import decide
from retrieval.shares.statements import USER_GROUPS
from tests.shares.mixes import publish_mix

NEW, REGULAR = "events=0-9", "events=10+"
_ENGAGED = {
    REGULAR: {"usual": 32, "hot": 64, "alike": 32},
    NEW: {"usual": 32, "hot": 8, "alike": 24},
}


def log_draws() -> int:
    """The revision of the mix, which draws by what was learned of them."""
    revision, now = publish_mix(segments={"events": [10]}), datetime.now(UTC)
    ShareCell.objects.bulk_create(
        _cell(revision, (segment, arm), group, draws=10 if segment == REGULAR else 5, engaged=engaged)
        for segment, arms in _ENGAGED.items()
        for arm, engaged in arms.items()
        for group in range(USER_GROUPS)
    )
    with cursor() as raw:
        decide(raw, revision, now)
    return revision


def _cell(revision: int, of: tuple[str, str], group: int, *, draws: int, engaged: int) -> ShareCell:
    # Spread as evenly over the groups as whole numbers can be.
    own = engaged * (group + 1) // USER_GROUPS - engaged * group // USER_GROUPS
    return ShareCell(
        mix=revision,
        day=datetime.now(UTC).date(),
        segment=of[0],
        arm=of[1],
        user_group=group,
        draws=draws,
        engaged=own,
        weight=3 * draws,
        engaged_weight=3 * own,
        squared_weight=9 * draws,
    )
