"""The ledger of new items: counted from impressions and events, judged period by period, with every change noted."""

from coldstart.ledger.advancing import Advance, advance, rebuild
from coldstart.ledger.pruning import prune

__all__ = ["Advance", "advance", "prune", "rebuild"]
