import uuid

from django.db import models


class Erasure(models.Model):
    """The receipt of one person's erasure: what was erased where, and of the person nothing but a keyed hash.

    `pending_name` and `pending_id` are the ids, for as long as copies outside the tables may remain; then empty.
    """

    receipt = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_hash = models.CharField(max_length=64, db_index=True, help_text="HMAC-SHA256 of the external id.")
    erased_at = models.DateTimeField(db_index=True)
    erased_by = models.CharField(max_length=200, help_text="The API key or the member of staff.")
    why = models.CharField(max_length=1000, blank=True, default="")
    rows = models.JSONField(default=dict, help_text="Rows erased at once, by table.")
    copies = models.JSONField(default=dict, help_text="What was erased in the background, by place.")
    completed_at = models.DateTimeField(null=True)
    pending_name = models.CharField(max_length=255, blank=True, default="")
    pending_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["erased_at"],
                name="erasure_unfinished",
                condition=models.Q(completed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.receipt)

    @property
    def status(self) -> str:
        """erasing: the tables are clean, and copies elsewhere are being looked for."""
        return "complete" if self.completed_at else "erasing"
