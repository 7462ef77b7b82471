from django.contrib.postgres.fields import ArrayField
from django.db import models


class DemographicCell(models.Model):
    """The most liked items among people of one age group, location and language; "" stands for any.

    `item_ids` and `shares` run in parallel, best first; a share is of the cell's people, shrunk towards the next
    coarser cell's.
    """

    age_group = models.CharField(max_length=20, blank=True, default="")
    location = models.CharField(max_length=100, blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    users = models.PositiveIntegerField()
    item_ids = ArrayField(models.BigIntegerField())
    shares = ArrayField(models.FloatField())
    rebuilt_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["age_group", "location", "language"], name="demographic_cell_once"
            )
        ]

    def __str__(self) -> str:
        return " × ".join(filter(None, [self.age_group, self.location, self.language])) or "everybody"
