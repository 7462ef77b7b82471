from django.db import models


class ImportRun(models.Model):
    """What came in at once, and how its rows fared: a file by command, or the lists that one key sent to the API with
    no long pause between them. Uploads are the console's."""

    class Door(models.TextChoices):
        COMMAND = "command"
        API = "api"

    door = models.CharField(max_length=10, choices=Door.choices, default=Door.COMMAND)
    kind = models.CharField(max_length=20)
    file = models.CharField(
        max_length=200, blank=True, help_text="Its name, without the folder; empty where there is none."
    )
    key_prefix = models.CharField(max_length=16, blank=True, default="", help_text="Of the API key.")
    key_name = models.CharField(max_length=100, blank=True, default="", help_text="And what it was called.")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_index=True, help_text="Of the API: when the last list came.")
    rows = models.BigIntegerField()
    refused = models.BigIntegerField()
    first_problem = models.CharField(
        max_length=300, blank=True, default="", help_text="Line, field and reason of the first refused row."
    )
    error = models.CharField(
        max_length=300, blank=True, default="", help_text="Why it ended early; the rows before are in."
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file or self.kind}: {self.refused} of {self.rows} refused"


class RefusedRow(models.Model):
    """A row that was refused; the first thousand of a run, for a month."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refused_rows")
    request_id = models.CharField(max_length=64, blank=True, help_text="Of the API: the list that it was in.")
    line = models.BigIntegerField(help_text="Of a file from 1; of a list its index, from 0.")
    field = models.CharField(max_length=100, blank=True)
    reason = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.run_id}: {self.line}"
