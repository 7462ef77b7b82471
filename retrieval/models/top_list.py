from django.contrib.postgres.fields import ArrayField
from django.db import models


class TopList(models.Model):
    """The best items of one tag, category or creator, kept ready: a GIN search would read every match.

    `item_ids` and `scores` run in parallel, best first.
    """

    class Kind(models.TextChoices):
        TAG = "tag"
        CATEGORY = "category"
        CREATOR = "creator"
        ALL = "all", "whole catalogue by popularity"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=255)
    item_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    rebuilt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="top_list_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
