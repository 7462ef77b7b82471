"""New items that are being tried, as this process knows them: a few seconds old at most, free to ask."""

from retrieval.newcomers.arrivals import arrivals_mark, still_stands
from retrieval.newcomers.keeping import current_newcomers, forget_newcomers
from retrieval.newcomers.people import person_of

__all__ = ["arrivals_mark", "current_newcomers", "forget_newcomers", "person_of", "still_stands"]
