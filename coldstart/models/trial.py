from django.db import models

from catalog.models import Item


class Trial(models.Model):
    """A new item's way from its first exposures to a verdict. Counts are of exploring impressions only: what other
    sources show was chosen for its user and says nothing of users at large."""

    class State(models.TextChoices):
        NEW = "new", "new"
        EXPLORING = "exploring", "exploring"
        GRADUATED = "graduated", "graduated"
        RETIRED = "retired", "retired"

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="trial")
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    share = models.FloatField(default=0.0, help_text="Of the users, to whom it is shown; 0 to 1.")
    periods = models.IntegerField(default=0, help_text="How many times its evidence was looked at.")
    entered_at = models.DateTimeField(help_text="When it was found to be new.")
    began_at = models.DateTimeField(null=True, help_text="When it was shown first.")
    period_began_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(help_text="When anything of this row changed last.")
    exposures = models.BigIntegerField(default=0)
    engagements = models.BigIntegerField(default=0)
    alpha = models.FloatField(default=0.0, help_text="Of the Beta posterior of its engagement rate.")
    beta = models.FloatField(default=0.0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "period_began_at"], name="trial_due"),
            models.Index(fields=["-changed_at"], name="trial_changed"),
            models.Index(fields=["-entered_at"], name="trial_entered"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.state}"


class TrialChange(models.Model):
    """A line of the ledger: what changed and why, with the evidence of that moment."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Trial.State.choices)
    share = models.FloatField()
    exposures = models.BigIntegerField()
    engagements = models.BigIntegerField()
    why = models.TextField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.why


class Cell(models.Model):
    """Exploring impressions of one item in one hour and one segment of users, and how many led to an engagement.
    Made anew from impressions and events whenever one of them arrives, however late."""

    pk = models.CompositePrimaryKey("item_id", "hour", "segment")
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, db_constraint=False, related_name="+", db_index=False
    )
    hour = models.DateTimeField(help_text="In which the impressions were shown.")
    segment = models.CharField(max_length=100, blank=True, default="")
    exposures = models.BigIntegerField()
    engagements = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.item_id} {self.hour}: {self.engagements} of {self.exposures}"


class RollUp(models.Model):
    """One row: up to when what arrived is counted."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="rollup_one_row")]

    def __str__(self) -> str:
        return str(self.counted_until)
