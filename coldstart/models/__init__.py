"""Cold start's tables."""

from coldstart.models.demographics import DemographicCell
from coldstart.models.interests import Consent, Interest, SurveyAnswer

__all__ = ["Consent", "DemographicCell", "Interest", "SurveyAnswer"]
