from collections.abc import Collection, Sequence
from datetime import datetime

from catalog.external_ids import find_creators, find_items, find_or_make_creators
from catalog.sql import Cursor
from catalog.writing.checking import block_problems
from catalog.writing.fields import BlockFields, RowResult
from catalog.writing.linking import delete_links, put_links
from catalog.writing.links import LinkKind
from catalog.writing.rows import refusals


def _tags(_raw: Cursor, names: Collection[str]) -> dict[str, str]:
    return {name: name for name in names}


_KINDS = {
    "item": LinkKind(
        table="catalog_block",
        user_column="user_id",
        target_column="item_id",
        find=find_items,
        find_or_make=find_items,
        empty_column="tag",
    ),
    "creator": LinkKind(
        table="catalog_block",
        user_column="user_id",
        target_column="creator_id",
        find=find_creators,
        find_or_make=find_or_make_creators,
        empty_column="tag",
    ),
    "tag": LinkKind(
        table="catalog_block",
        user_column="user_id",
        target_column="tag",
        find=_tags,
        find_or_make=_tags,
        target_type="text",
    ),
}


def put_blocks(rows: Sequence[BlockFields], now: datetime) -> list[RowResult]:
    """One result for each row, in order. Creators are made on the fly."""
    return put_links(rows, _refused(rows), _KINDS, now)


def delete_blocks(rows: Sequence[BlockFields]) -> list[RowResult]:
    """One result for each row, in order."""
    return delete_links(rows, _refused(rows), _KINDS)


def _refused(rows: Sequence[BlockFields]) -> list[RowResult | None]:
    return refusals(rows, lambda row: row.user, block_problems)
