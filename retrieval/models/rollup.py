"""What users were shown and did with it, summed up in the background; days and hours are UTC's."""

from django.db import models


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


class SourceHour(models.Model):
    """The impressions of one hour that one source brought, and what became of them.

    Each impression counts once in `clicks`, `likes` and `shares`, however many events name it.
    """

    pk = models.CompositePrimaryKey("hour", "source", "newcomer")
    hour = models.DateTimeField(help_text="In which they were shown.")
    source = models.CharField(max_length=40, help_text="That ranked the item best; empty where nobody said.")
    newcomer = models.BooleanField(help_text="Whether the user had been known for less than a week.")
    impressions = models.BigIntegerField()
    clicks = models.BigIntegerField()
    likes = models.BigIntegerField()
    shares = models.BigIntegerField()
    engaged = models.BigIntegerField(help_text="Clicked, liked or shared.")
    dwells = models.BigIntegerField(help_text="Events with a dwell time.")
    dwell_s = models.FloatField(help_text="And their seconds, added up.")

    def __str__(self) -> str:
        return f"{self.hour} {self.source}"


class SourceDay(models.Model):
    """How wide a source showed the catalogue in a day."""

    pk = models.CompositePrimaryKey("day", "source")
    day = models.DateField()
    source = models.CharField(max_length=40)
    items = models.BigIntegerField(help_text="That it is credited with.")
    sole_items = models.BigIntegerField(help_text="Of those, the ones that no other source is credited with.")

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
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)
