"""The step of the background: what came of the draws, and how often each arm is drawn from now on.

All of it is made of what Postgres has: a run may be repeated, killed, or days late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from catalog.partitions import Partitioned, ensure_partitions
from catalog.sql import Cursor
from coldstart.exploration.config import config as exploration
from retrieval.locks import sole_run
from retrieval.mixes import Bandit, InvalidMix, mix_by_revision
from retrieval.models import ShareMark, SharePolicy
from retrieval.shares import statements
from retrieval.shares.posteriors import new_segment, posteriors, probabilities

DRAWS = Partitioned("retrieval_sharedraw", "held_since")
# What is older is not counted anew, and sixteen half-lives of a day or one of a season are no news.
OLDEST = timedelta(days=60)
_KEPT = timedelta(days=400)  # sums of days
_DRAWING = timedelta(days=7)
# A transaction may commit this much after the time that it wrote.
_LATE_COMMITS = timedelta(minutes=2)
EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """How many days were counted anew, and how many mixes draw otherwise than before."""

    days: int
    mixes: int


def learn(now: datetime, *, anew: bool = False) -> Learned | None:
    """Brings outcomes and policies up to `now`; None where another run is at it. anew: of all draws, impressions and
    events that are not too old, instead of what arrived since the last time."""
    with sole_run("source shares") as raw:
        if raw is None:
            return None
        if not raw.execute(statements.ANY_DRAW, {"oldest": now - OLDEST}).fetchone():
            return Learned(0, 0)
        mark = ShareMark.objects.first()
        since = mark.looked_until - _LATE_COMMITS if mark and not anew else now - OLDEST
        days = _outcomes(raw, since, now)
        if anew:
            days |= {day for (day,) in raw.execute(statements.ALL_DAYS, {"oldest": now - OLDEST})}
        _count(raw, days)
        ShareMark.objects.update_or_create(id=1, defaults={"looked_until": now})
        lately = {"since": now.date() - _DRAWING}
        drawing = [mix for (mix,) in raw.execute(statements.DRAWING, lately).fetchall()]
        return Learned(len(days), sum(decide(raw, mix, now) for mix in drawing))


def tend(now: datetime) -> None:
    """Makes the partitions of the months ahead, and removes sums that are of no use any more."""
    ensure_partitions(now, of=DRAWS)
    with sole_run("source shares") as raw:
        if raw is not None:
            raw.execute(statements.PRUNE_CELLS, {"oldest": now.date() - _KEPT})


def _outcomes(raw: Cursor, since: datetime, now: datetime) -> set[date]:
    """The days of which something is other than before."""
    raw.execute("DROP TABLE IF EXISTS pg_temp.arrived_draw")
    raw.execute("CREATE TEMP TABLE arrived_draw (user_id bigint, request_id varchar) ON COMMIT DROP")
    raw.execute(statements.ARRIVED, {"since": since})
    raw.execute("ANALYZE arrived_draw")
    values = {"oldest": now - OLDEST, "weight": exploration().engagement_weight}
    return {day for (day,) in raw.execute(statements.OUTCOMES, values).fetchall()}


def _count(raw: Cursor, days: Iterable[date]) -> None:
    for day in sorted(days):
        start = datetime.combine(day, time(), UTC)
        values = {"day": day, "start": start, "until": start + timedelta(days=1)}
        raw.execute(statements.FORGET_DAY, values)
        raw.execute(statements.COUNT_DAY, {**values, "groups": statements.USER_GROUPS})


def decide(raw: Cursor, revision: int, now: datetime) -> bool:
    """Whether the mix draws otherwise than before: only then anything is written, and every process reads it."""
    try:
        bandit = mix_by_revision(revision).bandit
    except InvalidMix:
        # Of a release whose mixes said something else.
        return False
    if bandit is None:
        return False
    values = {
        "mix": revision,
        "today": now.date(),
        "half_life": bandit.half_life_days,
        "oldest": now.date() - _KEPT,
    }
    rows = raw.execute(statements.REMEMBERED, values).fetchall()
    wanted = policy_of(bandit, rows)
    known = {
        (row.segment, row.arm): (row.alpha, row.beta, row.probability)
        for row in SharePolicy.objects.filter(mix=revision)
    }
    if known == wanted:
        return False
    SharePolicy.objects.filter(mix=revision).delete()
    SharePolicy.objects.bulk_create(
        SharePolicy(
            mix=revision,
            segment=segment,
            arm=arm,
            alpha=alpha,
            beta=beta,
            probability=probability,
            changed_at=now,
        )
        for (segment, arm), (alpha, beta, probability) in wanted.items()
    )
    return True


def policy_of(
    bandit: Bandit, rows: Iterable[tuple[str, str, float, float]]
) -> Mapping[tuple[str, str], tuple[float, float, float]]:
    """(alpha, beta, probability) by segment and arm, of what is remembered: rows of segment, arm, draws and how many
    of them were engaged with. EVERYWHERE: the posterior of all segments, and how often each arm is drawn in one of
    which nothing is known."""
    counts = {(segment, arm): (draws, engaged) for segment, arm, draws, engaged in rows if arm in bandit.arms}
    segments, arms = sorted({segment for segment, _ in counts}), list(bandit.arms)
    table = np.array(
        [[counts.get((segment, arm), (0.0, 0.0)) for arm in arms] for segment in segments]
    ).reshape(len(segments), len(arms), 2)
    alpha, beta = posteriors(bandit, table[..., 0], table[..., 1])
    first = new_segment(alpha[0], beta[0], weight=bandit.prior_draws)
    # Where nothing is told apart, the only segment has the name of all of them, and is drawn by what it knows itself.
    places = [EVERYWHERE, *segments] if segments != [EVERYWHERE] else [EVERYWHERE]
    if segments == [EVERYWHERE]:
        chances = probabilities(alpha[:1], beta[:1], floor=bandit.floor)
    else:
        chances = probabilities(
            np.vstack([first[0], alpha[1:]]), np.vstack([first[1], beta[1:]]), floor=bandit.floor
        )
    return {
        (segment, arm): (
            float(alpha[row, column]),
            float(beta[row, column]),
            float(chances[row, column]),
        )
        for row, segment in enumerate(places)
        for column, arm in enumerate(arms)
    }
