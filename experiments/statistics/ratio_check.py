"""Whether the arms have as many users as they ought to: where not, something loses users of one arm, and no difference
between arms means anything (Fabijan et al. 2019)."""

from collections.abc import Sequence

from scipy import stats

# Below this the read-out is not to be believed; low, because it is looked at every day.
SRM_ALARM = 0.001


def sample_ratio_p(users: Sequence[int], shares: Sequence[int]) -> float:
    """p of the χ² test that the arms' users came by their shares; 1 where there is nobody yet."""
    total, whole = sum(users), sum(shares)
    if not total:
        return 1.0
    return float(stats.chisquare(users, [total * share / whole for share in shares]).pvalue)
