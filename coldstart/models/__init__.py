"""Cold start's tables."""

from coldstart.models.demographics import DemographicCell
from coldstart.models.impression import Chance, Explored, Impression, Spending
from coldstart.models.interests import Consent, Interest, SurveyAnswer
from coldstart.models.segments import SurveySegment
from coldstart.models.trial import Cell, RollUp, Trial, TrialChange

__all__ = [
    "Cell",
    "Chance",
    "Consent",
    "DemographicCell",
    "Explored",
    "Impression",
    "Interest",
    "RollUp",
    "Spending",
    "SurveyAnswer",
    "SurveySegment",
    "Trial",
    "TrialChange",
]
