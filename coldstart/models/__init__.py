"""Cold start's tables."""

from coldstart.models.demographics import DemographicCell
from coldstart.models.interests import Consent, Interest, SurveyAnswer
from coldstart.models.segments import SurveySegment

__all__ = ["Consent", "DemographicCell", "Interest", "SurveyAnswer", "SurveySegment"]
