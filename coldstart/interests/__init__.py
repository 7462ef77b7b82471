"""What new people can say they like, what they said, and what it stands for."""

from coldstart.interests.answering import (
    InvalidAnswer,
    answer_of,
    answer_survey,
    current_consent,
    limits,
    withdraw_answer,
)
from coldstart.interests.learning import learn_representatives
from coldstart.interests.reading import (
    KnownInterest,
    all_interests,
    example_titles,
    forget_interests,
    offered_interests,
)
from coldstart.interests.stated import NOTHING_STATED, STATED_TYPE, Stated, stated_events

__all__ = [
    "NOTHING_STATED",
    "STATED_TYPE",
    "InvalidAnswer",
    "KnownInterest",
    "Stated",
    "all_interests",
    "answer_of",
    "answer_survey",
    "current_consent",
    "example_titles",
    "forget_interests",
    "learn_representatives",
    "limits",
    "offered_interests",
    "stated_events",
    "withdraw_answer",
]
