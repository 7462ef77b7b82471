"""The bandit of a mix: which shares of the sources each user is served, and what is learned from what came of it.

Thompson sampling (Thompson 1933; Agrawal and Goyal 2013) per segment of requests, with probabilities that are computed
when the posteriors move. So each draw's propensity is known exactly: docs/source-bandit.md.
"""

from retrieval.shares.deciding import served
from retrieval.shares.keeping import forget_policies
from retrieval.shares.logging import log_draw

__all__ = ["forget_policies", "log_draw", "served"]
