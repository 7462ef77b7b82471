from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce


class Creator(models.Model):
    """Who made an item: an author, a channel, a seller."""

    external_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(external_id=""), name="creator_external_id_not_empty")
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class Item(models.Model):
    """What can be recommended."""

    external_id = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=500, blank=True, default="")
    description = models.TextField(blank=True, default="")
    category = models.CharField(max_length=100, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    language = models.CharField(max_length=20, blank=True, default="")
    creator = models.ForeignKey(
        Creator, null=True, blank=True, on_delete=models.SET_NULL, related_name="items"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="When a fact that retrieval reads last changed.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(external_id=""), name="item_external_id_not_empty")
        ]
        indexes = [
            # What the minute task embeds and enters into tag lists.
            models.Index(fields=["updated_at", "id"], name="item_updated"),
            # What is new in the catalogue, dated or not.
            models.Index(
                Coalesce("published_at", "created_at").desc(),
                models.F("id").desc(),
                name="item_fresh",
                condition=models.Q(active=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id
