"""What a client says of an item, a user, a follow or a block; in external ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["created", "updated", "unchanged", "deleted", "missing", "rejected"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. `missing`: there was nothing to delete. A rejected row names field and reason."""

    status: Status
    external_id: str  # of the item or user; for a follow or block, of the user it belongs to
    field: str = ""
    reason: str = ""
    internal_id: int = 0  # 0 where rejected or missing

    @property
    def changed(self) -> bool:
        return self.status in ("created", "updated", "deleted")


@dataclass(frozen=True, slots=True)
class ItemFields:
    """None leaves a field as it is, and at its default in a new item."""

    external_id: str
    title: str | None = None
    description: str | None = None
    category: str | None = None
    tags: tuple[str, ...] | None = None
    language: str | None = None
    creator: str | None = None  # external id, made where it is new; empty: nobody
    creator_name: str | None = None
    published_at: datetime | None = None
    active: bool | None = None
    attributes: Mapping[str, object] | None = None  # replaces all that were there


@dataclass(frozen=True, slots=True)
class UserFields:
    """None leaves a field as it is, and at its default in a new user."""

    external_id: str
    age_group: str | None = None
    location: str | None = None
    language: str | None = None
    attributes: Mapping[str, object] | None = None  # replaces all that were there
    social_opt_out: bool | None = None


@dataclass(frozen=True, slots=True)
class FollowFields:
    """`user` follows exactly one of another user and a creator."""

    user: str
    followee: str = ""
    creator: str = ""  # made where it is new

    @property
    def target(self) -> tuple[str, str]:
        """The field that is given, and the external id in it."""
        return ("followee", self.followee) if self.followee else ("creator", self.creator)


@dataclass(frozen=True, slots=True)
class BlockFields:
    """`user` never wants to see exactly one of an item, a creator and a tag."""

    user: str
    item: str = ""
    creator: str = ""
    tag: str = ""

    @property
    def target(self) -> tuple[str, str]:
        """The field that is given, and the external id or tag in it."""
        if self.item:
            return "item", self.item
        return ("creator", self.creator) if self.creator else ("tag", self.tag)
