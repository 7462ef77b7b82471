from django.db import models

from catalog.models.item import Creator, Item
from catalog.models.user import User


class Follow(models.Model):
    """`follower` follows another user. Where both directions exist, they are friends."""

    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="following")
    followee = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("followee")), name="follow_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followee_id}"


class CreatorFollow(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="creator_follows")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "creator"], name="creator_follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → creator {self.creator_id}"


class Block(models.Model):
    """What a user never wants to see: exactly one of an item, a creator or a tag."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    item = models.ForeignKey(Item, null=True, blank=True, on_delete=models.CASCADE)
    creator = models.ForeignKey(Creator, null=True, blank=True, on_delete=models.CASCADE)
    tag = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(item__isnull=False, creator__isnull=True, tag="")
                    | models.Q(item__isnull=True, creator__isnull=False, tag="")
                    | (models.Q(item__isnull=True, creator__isnull=True) & ~models.Q(tag=""))
                ),
                name="block_exactly_one_thing",
            ),
            models.UniqueConstraint(
                fields=["user", "item", "creator", "tag"], name="block_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} blocks {self.item_id or self.creator_id or self.tag}"
