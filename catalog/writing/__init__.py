"""Bulk writes of what is known of items and users: each row succeeds or fails on its own, all in one commit."""

from catalog.writing.blocks import delete_blocks, put_blocks
from catalog.writing.fields import BlockFields, FollowFields, ItemFields, RowResult, UserFields
from catalog.writing.follows import delete_follows, put_follows
from catalog.writing.items import delete_items, put_items
from catalog.writing.users import delete_users, put_users

__all__ = [
    "BlockFields",
    "FollowFields",
    "ItemFields",
    "RowResult",
    "UserFields",
    "delete_blocks",
    "delete_follows",
    "delete_items",
    "delete_users",
    "put_blocks",
    "put_follows",
    "put_items",
    "put_users",
]
