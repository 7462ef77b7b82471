"""Whether the arms have as many users as they ought to: where not, something loses users of one arm, and no difference
between arms means anything (Fabijan et al. 2019)."""

from collections.abc import Sequence

from scipy import special

# Below this the read-out is not to be believed; low, because it is looked at every day.
SRM_ALARM = 0.001


def sample_ratio_p(users: Sequence[int], shares: Sequence[int]) -> float:
    """p of the χ² test that the arms' users came by their shares; 1 where there is nobody yet."""
    total, whole = sum(users), sum(shares)
    if not total:
        return 1.0
    pairs = [(seen, total * share / whole) for seen, share in zip(users, shares, strict=True) if share]
    if sum(seen for seen, _ in pairs) < total:
        return 0.0  # in an arm that ought to have nobody
    if len(pairs) < 2:
        return 1.0
    return float(special.chdtrc(len(pairs) - 1, sum((seen - due) ** 2 / due for seen, due in pairs)))
