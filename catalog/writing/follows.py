from collections.abc import Sequence
from datetime import datetime

from catalog.external_ids import find_creators, find_or_make_creators, find_users
from catalog.writing.checking import follow_problems
from catalog.writing.fields import FollowFields, RowResult
from catalog.writing.linking import delete_links, put_links
from catalog.writing.links import LinkKind
from catalog.writing.rows import refusals

_KINDS = {
    "followee": LinkKind(
        table="catalog_follow",
        user_column="follower_id",
        target_column="followee_id",
        find=find_users,
        find_or_make=find_users,  # made with the followers, where that is asked for
        concerns_target=True,  # where both follow each other, both gain a friend
    ),
    "creator": LinkKind(
        table="catalog_creatorfollow",
        user_column="user_id",
        target_column="creator_id",
        find=find_creators,
        find_or_make=find_or_make_creators,
    ),
}


def put_follows(
    rows: Sequence[FollowFields], now: datetime, *, create_missing: bool = False
) -> list[RowResult]:
    """One result for each row, in order. Creators are made on the fly, users only with `create_missing`."""
    return put_links(rows, _refused(rows), _KINDS, now, create_missing=create_missing)


def delete_follows(rows: Sequence[FollowFields]) -> list[RowResult]:
    """One result for each row, in order."""
    return delete_links(rows, _refused(rows), _KINDS)


def _refused(rows: Sequence[FollowFields]) -> list[RowResult | None]:
    return refusals(rows, lambda row: row.user, follow_problems)
