import json
from typing import Any

from django.db import connection, models


class ModelVersion(models.Model):
    """One training of the towers with its vectors' table, from snapshot to retirement."""

    class State(models.TextChoices):
        BUILDING = "building"
        READY = "ready", "ready to promote"
        LIVE = "live"
        RETIRED = "retired"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING)
    dim = models.PositiveSmallIntegerField(default=128)
    cutoff = models.DateTimeField(help_text="No event from this moment on shaped the version.")
    created_at = models.DateTimeField(auto_now_add=True)
    done_steps = models.JSONField(default=list, help_text="Steps of the offline path that are finished.")
    config = models.JSONField(default=dict)
    report = models.JSONField(default=dict, help_text="Metrics, durations, sizes and gates, by step.")
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"v{self.id} ({self.state})"

    @property
    def vectors_table(self) -> str:
        """One narrow table per version: dropping a version is instant."""
        return f"retrieval_vectors_v{self.id}"

    @property
    def related_table(self) -> str:
        """What is liked together, under the same version."""
        return f"retrieval_related_v{self.id}"

    @property
    def factors_table(self) -> str:
        """Items' factors, laid out as the vectors are."""
        return f"retrieval_factors_v{self.id}"

    @property
    def sequence_table(self) -> str:
        """Items' vectors of the sequence model, laid out likewise."""
        return f"retrieval_sequence_v{self.id}"

    @property
    def tables(self) -> list[str]:
        """All that are the version's own. Which rows of what is searched changed is written down where snapshots are
        taken, see `retrieval.ann.snapshots.changes`."""
        searched = [self.vectors_table, self.factors_table, self.sequence_table]
        return [*searched, *(f"{table}_changes" for table in searched), self.related_table]


def remember(version_id: int, key: str, value: Any) -> None:
    """Sets one key of the version's report, whatever else is being written: two tasks may add to it at the same
    time."""
    table = ModelVersion._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET report = report || jsonb_build_object(%s::text, %s::jsonb) WHERE id = %s",  # noqa: S608
            [key, json.dumps(value), version_id],
        )


class LivePointer(models.Model):
    """The one row that says which version serves; moving it promotes, moving it back rolls back."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    previous = models.ForeignKey(ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    promoted_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_live_pointer")]

    def __str__(self) -> str:
        return f"live: {self.version}"


class Artifact(models.Model):
    """A trained file of a version. In Postgres, so that any web process on any machine can fetch it."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="artifact_once")]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.name}"
