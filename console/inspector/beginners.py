"""What the page says of a user of whom little is known."""

from dataclasses import dataclass

from retrieval.answer import Answer


@dataclass(frozen=True, slots=True)
class Beginner:
    """percent: of the places that the normal mix filled."""

    percent: int
    served_by: str
    events: int
    interests: int


def beginner_of(answer: Answer) -> Beginner | None:
    """None for who is known well enough."""
    cold = answer.cold_start
    if cold is None:
        return None
    return Beginner(round(100 * cold.maturity), cold.served_by, cold.events, cold.interests)
