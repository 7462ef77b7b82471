"""The catalog's tables."""

from catalog.models.imports import ImportRun, RefusedRow
from catalog.models.interaction import EventType, Interaction, UserHistory
from catalog.models.item import Creator, Item
from catalog.models.relations import Block, CreatorFollow, Follow
from catalog.models.user import User

__all__ = [
    "Block",
    "Creator",
    "CreatorFollow",
    "EventType",
    "Follow",
    "ImportRun",
    "Interaction",
    "Item",
    "RefusedRow",
    "User",
    "UserHistory",
]
