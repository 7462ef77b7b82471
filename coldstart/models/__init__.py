"""What is stored of new items: who was shown what, and how each item's trial goes."""

from coldstart.models.impression import Explored, Impression, Spending
from coldstart.models.trial import Cell, RollUp, Trial, TrialChange

__all__ = ["Cell", "Explored", "Impression", "RollUp", "Spending", "Trial", "TrialChange"]
