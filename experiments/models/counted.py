"""What the background counts, so that a page reads a few rows and never scans."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models import User
from experiments.models.experiment import Experiment, Variant


class Outcome(models.Model):
    """What one exposed user did since, and in as many days before: `experiments.statistics.COLUMNS`, in that order."""

    pk = models.CompositePrimaryKey("experiment_id", "user_id")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False, related_name="+")
    counts = ArrayField(models.FloatField())

    def __str__(self) -> str:
        return f"{self.user_id} in {self.variant_id}"


class Totals(models.Model):
    """Of one arm: its users, the sums of their counts and of all products of two, and how wide it shows the catalogue.

    coverage, gini: one number per group of users, of equally many impressions in every arm.
    """

    variant = models.OneToOneField(Variant, primary_key=True, on_delete=models.CASCADE, related_name="totals")
    users = models.BigIntegerField(default=0)
    sums = ArrayField(models.FloatField(), default=list)
    products = ArrayField(models.FloatField(), default=list, help_text="Row by row.")
    coverage = ArrayField(models.FloatField(), default=list)
    gini = ArrayField(models.FloatField(), default=list)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.users}"


class Look(models.Model):
    """One of the planned looks at one arm's metric, as it was then: looking more often shows the same.

    number: the day from the start, the planned days for the last; low, high, p: over all planned looks.
    """

    pk = models.CompositePrimaryKey("variant_id", "metric", "number")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False, related_name="looks")
    metric = models.CharField(max_length=40)
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    control = models.FloatField()
    treatment = models.FloatField()
    difference = models.FloatField()
    variance = models.FloatField()
    reduction = models.FloatField()
    users = models.BigIntegerField()
    fraction = models.FloatField(help_text="Of the planned time.")
    low = models.FloatField()
    high = models.FloatField()
    p = models.FloatField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.variant_id}, {self.metric}, day {self.number}: p = {self.p:.3g}"


class Traffic(models.Model):
    """Answers of one arm to one of 64 groups of its users: the groups tell how far chance goes."""

    pk = models.CompositePrimaryKey("variant_id", "user_group")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False, related_name="traffic")
    user_group = models.SmallIntegerField()
    answers = models.BigIntegerField(default=0)
    ms = models.FloatField(default=0.0)
    short = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.variant_id}/{self.user_group}: {self.answers}"


class Varied(models.Model):
    """How varied the answers of one arm were in a day, to one of 64 groups of its users."""

    pk = models.CompositePrimaryKey("variant_id", "day", "user_group")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    user_group = models.SmallIntegerField()
    lists = models.BigIntegerField(help_text="Answers with two or more shown items that have a category.")
    diversity = models.FloatField(help_text="Of those answers, added up.")

    class Meta:
        indexes = [models.Index(fields=["day"], name="varied_day")]

    def __str__(self) -> str:
        return f"{self.variant_id}, {self.day}, {self.user_group}: {self.lists}"


class Baseline(models.Model):
    """One row: what users without an experiment do in a fortnight, for the power calculator.

    users_by_day: distinct active users within the last 1, 2, … days.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    made_at = models.DateTimeField()
    users = models.BigIntegerField()
    sums = ArrayField(models.FloatField())
    products = ArrayField(models.FloatField())
    users_by_day = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="baseline_one_row")]

    def __str__(self) -> str:
        return f"{self.users} users"


class Watermark(models.Model):
    """One row: up to when what arrived is counted."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="watermark_one_row")]

    def __str__(self) -> str:
        return str(self.counted_until)
