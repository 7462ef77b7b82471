from django.db import models

from catalog.models.item import Item
from catalog.models.user import User


class EventType(models.Model):
    """A kind of event and what it says of liking; types can be added."""

    id = models.SmallAutoField(primary_key=True)
    name = models.SlugField(max_length=40, unique=True)
    weight = models.FloatField(
        help_text="How much the event says the user likes the item; below 0: dislikes."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Interaction(models.Model):
    """One event. The table is partitioned by month of `occurred_at`; its DDL is in the migration."""

    pk = models.CompositePrimaryKey("occurred_at", "event_id")
    event_id = models.CharField(max_length=100)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    type = models.ForeignKey(EventType, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    value = models.FloatField(null=True)
    dwell_s = models.FloatField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    surface = models.CharField(max_length=40, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        managed = False
        db_table = "catalog_interaction"

    def __str__(self) -> str:
        return self.event_id


class UserHistory(models.Model):
    """The narrow row that the request path reads instead of the events; written in the event's transaction.

    `events` is `catalog.history.HISTORY_DTYPE` packed, oldest first, at most `history_limit` entries.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="history")
    version = models.BigIntegerField(
        default=0, help_text="Moves with every accepted event; part of cache keys."
    )
    event_count = models.BigIntegerField(default=0)
    events = models.BinaryField(default=b"")
    last_event_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-last_event_at"], name="history_recently_active")]

    def __str__(self) -> str:
        return f"{self.user_id} v{self.version}"
