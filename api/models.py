"""API keys with scopes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey


class Scope(models.TextChoices):
    READ = "read", "candidates, similar items, trending"
    EVENTS = "events", "send events"
    CATALOG = "catalog", "write users, items and follows"
    ADMIN = "admin", "all of it, and the cache"


class ApiKey(AbstractAPIKey):
    """A client's key. Only its hash is stored; the key itself is shown once."""

    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), default=list)
    last_used_at = models.DateTimeField(
        "last used", null=True, blank=True, editable=False, help_text="To the minute."
    )

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
