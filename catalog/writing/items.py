from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from catalog.external_ids import find_or_make_creators
from catalog.models import Item
from catalog.sql import Cursor, cursor
from catalog.writing.checking import as_jsonb, item_problems
from catalog.writing.fields import ItemFields, RowResult
from catalog.writing.rows import last_of_each, refusals, upsert_results
from catalog.writing.upserting import Column, Upsert

_UPSERT = Upsert(
    table="catalog_item",
    columns={
        "title": Column("varchar", "''"),
        "description": Column("text", "''"),
        "category": Column("varchar", "''"),
        "tags": Column("varchar[]", "'{}'"),
        "language": Column("varchar", "''"),
        "creator_id": Column("bigint", "0", stored="nullif({}, 0)"),  # 0: nobody
        "published_at": Column("timestamptz", "NULL"),
        "active": Column("boolean", "true"),
        "attributes": Column("jsonb", "'{}'"),
    },
    created={"created_at": "%(now)s::timestamptz", "updated_at": "%(now)s::timestamptz"},
    touched={"updated_at": "%(now)s::timestamptz"},
)
_NAME_CREATORS = """
UPDATE catalog_creator AS creator SET name = given.name
FROM unnest(%b::bigint[], %b::text[]) AS given (id, name)
WHERE creator.id = given.id AND creator.name <> given.name
"""


def put_items(rows: Sequence[ItemFields], now: datetime) -> list[RowResult]:
    """One result for each row, in order. `updated_at` moves only where a fact changed."""
    refused = refusals(rows, lambda row: row.external_id, item_problems)
    good = last_of_each(rows, refused)
    with transaction.atomic(), cursor() as raw:
        creators = _creators(raw, good)
        written = _UPSERT.run(raw, [_staged(row, creators) for row in good], {"now": now})
    return upsert_results(rows, refused, written)


def delete_items(external_ids: Collection[str]) -> list[RowResult]:
    """One result for each id, in order: the items are gone, and so are their events, follows and blocks.

    Their entries in packed histories stay until newer ones push them out; readers skip ids without an item.
    """
    with transaction.atomic():
        found = dict(
            Item.objects.select_for_update()
            .filter(external_id__in=external_ids)
            .order_by("id")
            .values_list("external_id", "id")
        )
        with cursor() as raw:
            raw.execute(
                "DELETE FROM catalog_interaction WHERE item_id = ANY(%b::bigint[])", [list(found.values())]
            )
        Item.objects.filter(id__in=found.values()).delete()
    return [
        RowResult("deleted" if name in found else "missing", name, internal_id=found.get(name, 0))
        for name in external_ids
    ]


def _creators(raw: Cursor, rows: Sequence[ItemFields]) -> dict[str, int]:
    """External to internal id; 0 for nobody."""
    ids = find_or_make_creators(raw, {row.creator for row in rows if row.creator})
    names = {ids[row.creator]: row.creator_name for row in rows if row.creator and row.creator_name}
    if names:
        in_order = sorted(names.items())
        raw.execute(_NAME_CREATORS, [[key for key, _ in in_order], [name for _, name in in_order]])
    return ids | {"": 0}


def _staged(row: ItemFields, creators: dict[str, int]) -> tuple[object, ...]:
    return (
        row.external_id,
        row.title,
        row.description,
        row.category,
        None if row.tags is None else list(dict.fromkeys(row.tags)),
        row.language,
        None if row.creator is None else creators[row.creator],
        row.published_at,
        row.active,
        as_jsonb(row.attributes),
    )
