from django.db import models

from catalog.models import Item, User


class Impression(models.Model):
    """One item shown to one user in one answer. The table is partitioned by month of `shown_at`; its DDL is in the
    migration. `propensity`: with which probability the item stood there, where chance had a say."""

    pk = models.CompositePrimaryKey("user_id", "request_id", "item_id", "shown_at")
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    request_id = models.CharField(max_length=64)
    item = models.ForeignKey(Item, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    shown_at = models.DateTimeField()
    received_at = models.DateTimeField()
    position = models.IntegerField()
    source = models.CharField(max_length=40, blank=True, default="")
    propensity = models.FloatField(null=True)
    explored = models.BooleanField(default=False)
    surface = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        managed = False
        db_table = "coldstart_impression"

    def __str__(self) -> str:
        return f"{self.request_id}: {self.item_id} at {self.position}"


class Explored(models.Model):
    """A new item that was tried on a user: it is not tried on the same one again."""

    pk = models.CompositePrimaryKey("user_id", "item_id")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    item = models.ForeignKey(
        Item, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    shown_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shown_at"], name="explored_when")]

    def __str__(self) -> str:
        return f"{self.item_id} to {self.user_id}"


class Chance(models.Model):
    """When something was last stored as shown to a user by chance: a new item, or what stayed in a place that the
    bandit left as it was. What was drawn for the user before then has had its turn."""

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} at {self.stored_at}"


class Spending(models.Model):
    """How many impressions an hour brought and how many of them explored; several rows per hour, so that writers
    don't wait for one another."""

    pk = models.CompositePrimaryKey("hour", "shard")
    hour = models.DateTimeField(help_text="In which the impressions arrived.")
    shard = models.SmallIntegerField()
    shown = models.BigIntegerField(default=0)
    explored = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.hour}: {self.explored} of {self.shown}"
