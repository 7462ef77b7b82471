"""Draws of two segments as they are summed up, every arm drawn with a third: in all 1,440, of which 192 were engaged.

segment      draws an arm   usual        hot          alike
events=10+   320            32 engaged   64 engaged   32 engaged
events=0-9   160            32 engaged    8 engaged   24 engaged
"""

from datetime import UTC, datetime

import numpy as np

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
    random = np.random.default_rng(1)
    for segment, arms in _ENGAGED.items():
        draws = 10 if segment == REGULAR else 5  # of each group
        for arm, engaged in arms.items():
            of_groups = random.multivariate_hypergeometric([draws] * USER_GROUPS, engaged).tolist()
            ShareCell.objects.bulk_create(
                _cell(revision, (segment, arm), group, draws=draws, engaged=own)
                for group, own in enumerate(of_groups)
            )
    with cursor() as raw:
        decide(raw, revision, now)
    return revision


def _cell(revision: int, of: tuple[str, str], group: int, *, draws: int, engaged: int) -> ShareCell:
    return ShareCell(
        mix=revision,
        day=datetime.now(UTC).date(),
        segment=of[0],
        arm=of[1],
        user_group=group,
        draws=draws,
        engaged=engaged,
        weight=3 * draws,
        engaged_weight=3 * engaged,
        squared_weight=9 * draws,
    )
