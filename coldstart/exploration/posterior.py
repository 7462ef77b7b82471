"""What is known of an engagement rate: a Beta posterior and its interval."""

from dataclasses import dataclass

from scipy.special import betaincinv


@dataclass(frozen=True, slots=True)
class Posterior:
    """Beta(alpha, beta) of a rate: the prior and what was counted (Thompson 1933)."""

    alpha: float
    beta: float

    @classmethod
    def of(cls, exposures: int, engagements: int, *, prior_alpha: float, prior_beta: float) -> "Posterior":
        return cls(prior_alpha + engagements, prior_beta + exposures - engagements)

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    def interval(self, certainty: float) -> tuple[float, float]:
        """(low, high): the rate lies between them with this probability, with as much below as above."""
        tail = (1 - certainty) / 2
        return float(betaincinv(self.alpha, self.beta, tail)), float(
            betaincinv(self.alpha, self.beta, 1 - tail)
        )
