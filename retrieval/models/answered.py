"""How answers fared, added up by the processes that gave them; hours and days are UTC's."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from experiments.models import Variant


class Answers(models.Model):
    """Answers that came from one level of the cache."""

    level = models.CharField(max_length=10, help_text="ready, L1 or L3; none: computed.")
    answers = models.BigIntegerField()
    short = models.BigIntegerField(help_text="With fewer candidates than asked for.")
    degraded = models.BigIntegerField(help_text="Without something that should have helped.")
    ms_counts = ArrayField(models.BigIntegerField(), help_text="By `retrieval.tally.histogram`.")

    class Meta:
        abstract = True


class AnswerHour(Answers):
    """Of one hour on one surface."""

    pk = models.CompositePrimaryKey("hour", "surface", "level")
    hour = models.DateTimeField()
    surface = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.hour} {self.surface} {self.level}: {self.answers}"


class ArmAnswerHour(Answers):
    """The same of one experiment's variant: answers in which the experiment had a say. An answer counts for each."""

    pk = models.CompositePrimaryKey("variant_id", "hour", "surface", "level")
    hour = models.DateTimeField()
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    surface = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.hour} {self.variant_id} {self.surface} {self.level}: {self.answers}"


class ArmAnswers(Answers):
    """All of one variant's, whenever: an experiment may run for a year, and its read-out reads no hours."""

    pk = models.CompositePrimaryKey("variant_id", "level")
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.variant_id} {self.level}: {self.answers}"


class CacheHour(models.Model):
    """How often answers of one hour on one surface asked one level of the cache, and what it said."""

    pk = models.CompositePrimaryKey("hour", "surface", "level")
    hour = models.DateTimeField()
    surface = models.CharField(max_length=40)
    level = models.CharField(max_length=10, help_text="ready, L1, L2 or L3.")
    hits = models.BigIntegerField()
    misses = models.BigIntegerField()
    errors = models.BigIntegerField(help_text="The cache did not answer.")

    def __str__(self) -> str:
        return f"{self.hour} {self.surface} {self.level}: {self.hits} of {self.hits + self.misses}"


class SourceWork(models.Model):
    """What one source did in an hour for answers that were computed while somebody waited."""

    pk = models.CompositePrimaryKey("hour", "source")
    hour = models.DateTimeField()
    source = models.CharField(max_length=40)
    calls = models.BigIntegerField()
    failed = models.BigIntegerField(help_text="Late, refused or in error.")
    ms = models.FloatField(help_text="Of all calls, added up.")
    candidates = models.BigIntegerField(help_text="In the answers, that it proposed.")
    sole = models.BigIntegerField(help_text="Of those, the ones that no other source proposed.")

    def __str__(self) -> str:
        return f"{self.hour} {self.source}: {self.calls}"


class SourcePair(models.Model):
    """How many candidates of a day's computed answers two sources both proposed; `source` < `other`."""

    pk = models.CompositePrimaryKey("day", "source", "other")
    day = models.DateField()
    source = models.CharField(max_length=40)
    other = models.CharField(max_length=40)
    shared = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.source} and {self.other}: {self.shared}"
