from django.contrib.postgres.fields import ArrayField
from django.db import models


class SurveySegment(models.Model):
    """People who would answer the survey alike: their share, and how likely each chooses which interest.

    `interest_ids` and `chances` run in parallel.
    """

    weight = models.FloatField()
    interest_ids = ArrayField(models.BigIntegerField())
    chances = ArrayField(models.FloatField())

    def __str__(self) -> str:
        return f"{self.weight:.0%} of the people"
