"""A day told apart by surface, by new against returning people, and by experiments' arms; days are UTC's."""

from django.db import models

from experiments.models import Variant


class Slice(models.Model):
    """Empty: of everybody, on every surface, whoever they are. What is of all three is in `DayTotals`."""

    day = models.DateField()
    variant = models.ForeignKey(
        Variant, null=True, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    surface = models.CharField(max_length=40, null=True)
    newcomer = models.BooleanField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "surface", "newcomer", "day"],
                nulls_distinct=False,
                name="%(class)s_once",
            )
        ]
        indexes = [models.Index(fields=["day"], name="%(class)s_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.variant_id} {self.surface} {self.newcomer}"


class CatalogueSlice(Slice):
    """How its impressions lay over the catalogue; the fields are `DayTotals`'."""

    shown_users = models.BigIntegerField()
    impressions = models.BigIntegerField()
    items = models.BigIntegerField()
    creators = models.BigIntegerField()
    new_items = models.BigIntegerField()
    gini = models.FloatField(null=True)
    diversity = models.FloatField(null=True)
    novelty = models.FloatField(null=True)


class AudienceSlice(Slice):
    """Who came; the fields are `DayTotals`'. New is who had been known for less than a week at its start."""

    active_users = models.BigIntegerField()
    weekly_users = models.BigIntegerField(null=True, help_text="Counted when the day is over.")
    monthly_users = models.BigIntegerField(null=True, help_text="Counted when the day is over.")
    sessions = models.BigIntegerField(null=True, help_text="Of all surfaces only.")
    session_s = models.FloatField(null=True)
