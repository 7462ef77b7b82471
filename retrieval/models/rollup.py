"""What users were shown and did with it, summed up in the background; days and hours are UTC's."""

from django.db import models

from experiments.models import Variant


class PendingDay(models.Model):
    """A day of which something arrived since it was last counted."""

    day = models.DateField(primary_key=True)
    queued_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)


class RollupMark(models.Model):
    """Until when arrivals have been queued; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    queued_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_rollup_mark")]

    def __str__(self) -> str:
        return str(self.queued_until)


class Outcomes(models.Model):
    """Impressions of one hour, and what became of them.

    Each impression counts once in `clicks`, `likes` and `shares`, however many events name it.
    """

    hour = models.DateTimeField(help_text="In which they were shown.")
    source = models.CharField(max_length=40, help_text="That ranked the item best; empty where nobody said.")
    newcomer = models.BooleanField(help_text="Whether the user had been known for less than a week.")
    surface = models.CharField(
        max_length=40, default="", help_text="Where they were shown; empty where nobody said."
    )
    impressions = models.BigIntegerField()
    clicks = models.BigIntegerField()
    likes = models.BigIntegerField()
    shares = models.BigIntegerField()
    engaged = models.BigIntegerField(help_text="Clicked, liked or shared.")
    dwells = models.BigIntegerField(help_text="Events with a dwell time.")
    dwell_s = models.FloatField(help_text="And their seconds, added up.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.hour} {self.source}"


class SourceHour(Outcomes):
    """Of all users."""

    pk = models.CompositePrimaryKey("hour", "source", "newcomer", "surface")


class ArmHour(Outcomes):
    """Of the users of one experiment's variant, from their exposure to its end."""

    pk = models.CompositePrimaryKey("hour", "variant_id", "source", "newcomer", "surface")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_constraint=False, related_name="+")


class SourceDay(models.Model):
    """How wide a source showed the catalogue in a day."""

    pk = models.CompositePrimaryKey("day", "source")
    day = models.DateField()
    source = models.CharField(max_length=40)
    items = models.BigIntegerField(help_text="That it is credited with.")
    sole_items = models.BigIntegerField(help_text="Of those, the ones that no other source is credited with.")
    sole_impressions = models.BigIntegerField(null=True, help_text="Of the latter.")
    sole_engaged = models.BigIntegerField(
        null=True, help_text="Of those impressions, clicked, liked or shared."
    )

    def __str__(self) -> str:
        return f"{self.day} {self.source}"


class DayTotals(models.Model):
    """A day's users and how its impressions lie over the catalogue."""

    day = models.DateField(primary_key=True)
    active_users = models.BigIntegerField(help_text="With an event of any type.")
    shown_users = models.BigIntegerField(help_text="With an impression.")
    impressions = models.BigIntegerField()
    items = models.BigIntegerField(help_text="Shown at least once.")
    creators = models.BigIntegerField(help_text="Of those items.")
    new_items = models.BigIntegerField(help_text="Impressions of items less than a week old.")
    gini = models.FloatField(null=True, help_text="Of the impressions over the shown items; 0: all alike.")
    # Empty where the day was last counted before these were.
    weekly_users = models.BigIntegerField(null=True, help_text="With an event in the 7 days up to its end.")
    monthly_users = models.BigIntegerField(null=True, help_text="With an event in the 30 days up to its end.")
    sessions = models.BigIntegerField(
        null=True, help_text="Events of a user with gaps of 30 minutes at most."
    )
    session_s = models.FloatField(null=True, help_text="From their first events to their last, added up.")
    diversity = models.FloatField(
        null=True, help_text="How likely two items of one answer are of different categories, on average."
    )
    novelty = models.FloatField(
        null=True, help_text="Bits: log2 of users active in the week before by those who knew the item."
    )
    catalogue_items = models.BigIntegerField(
        null=True, help_text="Active and published by the end of the day."
    )
    catalogue_creators = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)
