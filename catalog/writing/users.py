from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.events.histories import move_versions
from catalog.models import Follow, User
from catalog.sql import cursor
from catalog.writing.checking import as_jsonb, user_problems
from catalog.writing.fields import RowResult, UserFields
from catalog.writing.rows import last_of_each, refusals, upsert_results
from catalog.writing.upserting import Column, Upsert

_UPSERT = Upsert(
    table="catalog_user",
    columns={
        "age_group": Column("varchar", "''"),
        "location": Column("varchar", "''"),
        "language": Column("varchar", "''"),
        "attributes": Column("jsonb", "'{}'"),
        "social_opt_out": Column("boolean", "false"),
    },
    created={"created_at": "%(now)s::timestamptz"},
    touched={},
)


def put_users(rows: Sequence[UserFields], now: datetime) -> list[RowResult]:
    """One result for each row, in order. The history version moves where something changed."""
    refused = refusals(rows, lambda row: row.external_id, user_problems)
    good = last_of_each(rows, refused)
    with transaction.atomic(), cursor() as raw:
        written = _UPSERT.run(raw, [_staged(row) for row in good], {"now": now})
        move_versions(raw, (written.ids[name] for name in written.updated))
    return upsert_results(rows, refused, written)


def delete_users(external_ids: Collection[str]) -> list[RowResult]:
    """One result for each id, in order: the people are erased with their events, history, follows and blocks."""
    with transaction.atomic():
        found = dict(
            User.objects.select_for_update()
            .filter(external_id__in=external_ids)
            .order_by("id")
            .values_list("external_id", "id")
        )
        ids = list(found.values())
        with cursor() as raw:
            raw.execute("DELETE FROM catalog_interaction WHERE user_id = ANY(%b::bigint[])", [ids])
            move_versions(raw, _acquaintances(ids))
        # Through the ORM, which also knows the tables of the apps above that belong to a user.
        User.objects.filter(id__in=ids).delete()
    return [
        RowResult("deleted" if name in found else "missing", name, internal_id=found.get(name, 0))
        for name in external_ids
    ]


def _acquaintances(user_ids: list[int]) -> set[int]:
    """The others who follow one of these or are followed by one."""
    pairs = Follow.objects.filter(Q(follower__in=user_ids) | Q(followee__in=user_ids))
    return {user_id for pair in pairs.values_list("follower_id", "followee_id") for user_id in pair} - set(
        user_ids
    )


def _staged(row: UserFields) -> tuple[object, ...]:
    return (
        row.external_id,
        row.age_group,
        row.location,
        row.language,
        as_jsonb(row.attributes),
        row.social_opt_out,
    )
