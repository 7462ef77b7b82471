from django.db import models


class ImportRun(models.Model):
    """One file that was imported, whole or in part, and how its rows fared."""

    kind = models.CharField(max_length=20)
    file = models.CharField(max_length=200, help_text="Its name, without the folder.")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    rows = models.BigIntegerField()
    refused = models.BigIntegerField()
    first_problem = models.CharField(
        max_length=300, blank=True, default="", help_text="Line, field and reason of the first refused row."
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file}: {self.refused} of {self.rows} refused"
