from typing import Any

from django.db import models


class ImportRun(models.Model):
    """One uploaded file on its way into the catalogue. The file itself is in `ImportPiece` until the run is over."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "waits for a yes"
        WAITING = "waiting", "waits for a worker"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=20)
    file_name = models.CharField(
        max_length=200, help_text="As the browser sent it; names nothing on our disks."
    )
    ending = models.CharField(max_length=12, help_text="What it is read as, such as .csv.gz.")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    create_missing = models.BooleanField(default=False)
    create_types = models.BooleanField(default=False)
    vector_set = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEWED)
    why = models.CharField(max_length=500, blank=True, default="")
    uploaded_by = models.CharField(max_length=150)
    uploaded_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress = models.FloatField(default=0.0, help_text="0 to 1, of the file.")
    counts: Any = models.JSONField(default=dict, help_text="Rows by what became of them.")
    bad_rows = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    preview: Any = models.JSONField(
        default=dict, help_text="Emptied when the run is over: people's data is in it."
    )

    class Meta:
        ordering = ["-id"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"{self.kind} from {self.file_name}"


class ImportPiece(models.Model):
    """A part of an uploaded file. In Postgres, so that any worker on any machine can fetch it; gone with the run."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_piece_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"


class BadLine(models.Model):
    """A row that was refused; kept for a month."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="bad_lines")
    line = models.BigIntegerField()
    field = models.CharField(max_length=100, blank=True)
    reason = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.run_id}: {self.line}"
