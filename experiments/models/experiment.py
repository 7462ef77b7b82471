import secrets
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

WHOLE = 10_000  # basis points: steps of 0.01 %
MOST_DAYS = 180


def new_salt() -> str:
    return secrets.token_hex(8)


class Layer(models.Model):
    """Experiments of one layer exclude each other: each holds buckets of its own. Layers are independent."""

    name = models.SlugField(max_length=60, unique=True)
    salt = models.CharField(max_length=60, unique=True, default=new_salt, editable=False)
    note = models.CharField(max_length=200, blank=True, default="", help_text="What is tried out on it.")

    def __str__(self) -> str:
        return self.name


class Experiment(models.Model):
    """Variants on one surface, for a share of the users, from a start to an end."""

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        RUNNING = "running", "running"
        STOPPED = "stopped", "stopped"

    class Reading(models.TextChoices):
        ANY_TIME = "any_time", "at any time (wider intervals, look as often as you like)"
        AT_END = "at_end", "once, when the planned users are in (no result is shown before)"

    name = models.SlugField(max_length=60, unique=True)
    salt = models.CharField(max_length=60, unique=True, default=new_salt, editable=False)
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="experiments")
    surface = models.CharField(
        max_length=40, blank=True, default="default", help_text="Empty: every surface."
    )
    hypothesis = models.TextField(help_text="What is expected to change, by how much, and why.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    traffic_bp = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Of all users, in steps of 0.01 %."
    )
    # [first, end, first, end, …) of the layer's buckets; ramping up adds some and never moves one.
    places = ArrayField(models.IntegerField(), default=list, editable=False)
    holdout = models.BooleanField(
        default=False, help_text="For the long run: whoever is in its control is in no other experiment."
    )
    reading = models.CharField(max_length=10, choices=Reading.choices, default=Reading.ANY_TIME)
    planned_users = models.PositiveIntegerField(
        default=10_000,
        validators=[MinValueValidator(200)],
        help_text="How many users all arms together are to have; intervals are tightest there. The power calculator "
        "says how many.",
    )
    planned_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text="How long it is to run. Given: a look a day with narrower intervals, which are right 19 times in 20 "
        "over all looks until then, and it stops by itself. Empty: intervals that hold however long it runs.",
    )
    started_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="It stops by itself then. Empty: after the planned days, or when told to.",
    )
    stopped_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(traffic_bp__lte=WHOLE), name="experiment_traffic")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def planned_end(self) -> datetime | None:
        """None where no duration is planned, or it hasn't begun. Putting off `ends_at` doesn't move it."""
        if self.planned_days is None or self.started_at is None:
            return None
        return self.started_at + timedelta(days=self.planned_days)


class Variant(models.Model):
    """One arm: a share of the experiment's users and what is other for them. What is empty is as published."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    name = models.SlugField(max_length=60)
    share_per_10000 = models.PositiveSmallIntegerField(
        "share in 0.01 %",
        validators=[MinValueValidator(1), MaxValueValidator(WHOLE)],
        help_text="Of the experiment's users; all variants together 10000.",
    )
    control = models.BooleanField(default=False, help_text="What the others are compared with.")
    mix_revision = models.PositiveIntegerField(null=True, blank=True)
    model_version = models.PositiveIntegerField(null=True, blank=True)
    newcomers_revision = models.PositiveIntegerField(
        null=True, blank=True, help_text="The mix for people of whom little is known."
    )
    maturity_events = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.1)],
        help_text="After so many events that mix has a share of 1/e.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="variant_once"),
            models.UniqueConstraint(
                fields=["experiment"], condition=models.Q(control=True), name="variant_one_control"
            ),
            models.CheckConstraint(condition=models.Q(share_per_10000__lte=WHOLE), name="variant_share"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.name}"


class Guardrail(models.Model):
    """What must not become worse by more than `limit`: where that is certain, the experiment stops by itself."""

    class Metric(models.TextChoices):
        LATENCY = "latency", "latency (mean, relative)"
        SHORTFALL = "shortfall", "share of short answers (absolute)"
        COVERAGE = "coverage", "catalogue coverage (relative)"
        GINI = "gini", "Gini of items shown (absolute)"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="guardrails")
    metric = models.CharField(max_length=10, choices=Metric.choices)
    limit = models.FloatField(
        validators=[MinValueValidator(0.0001)], help_text="0.1: a tenth (relative) or ten points (absolute)."
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["experiment", "metric"], name="guardrail_once")]

    def __str__(self) -> str:
        return f"{self.get_metric_display()}: {self.limit:g}"


class Change(models.Model):
    """What happened to an experiment, by whom and why; never edited."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.CharField(max_length=150, help_text="Whose account; “guardrail” or “schedule”: nobody's.")
    what = models.CharField(max_length=200)
    why = models.TextField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.what
