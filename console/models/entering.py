from django.db import models


class LogInAttempt(models.Model):
    """One try to log in to the admin, until it succeeds or a day has passed. Whose it was is a keyed hash."""

    name_hash = models.CharField(max_length=64)
    place_hash = models.CharField(max_length=64, help_text="Of the name and the address together.")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["name_hash", "at"], name="log_in_by_name"),
            models.Index(fields=["at"], name="log_in_at"),
        ]

    def __str__(self) -> str:
        return str(self.at)

    def forget(self) -> None:
        """It and the failures before it, of that name from that place."""
        LogInAttempt.objects.filter(place_hash=self.place_hash).delete()
