"""A batch of impressions from check to commit."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.external_ids import find_items, find_users
from catalog.sql import cursor
from coldstart.impressions.checking import first_problem
from coldstart.impressions.storing import store
from coldstart.impressions.values import Impression, ImpressionResult, Shown


def record_impressions(rows: Sequence[Impression], *, now: datetime) -> list[ImpressionResult]:
    """One result for each row, in order; all accepted ones are committed when it returns.

    The good rows land whatever the others are. The same item of the same request of a user is a `duplicate` and
    changes nothing.
    """
    results = [_checked(row, now) for row in rows]
    good = [row for row, result in zip(rows, results, strict=True) if result is None]
    with transaction.atomic(), cursor() as raw:
        users = find_users(raw, {row.user for row in good})
        items = find_items(raw, {row.item for row in good})
        shown: dict[tuple[int, str, int], Shown] = {}
        for place, (row, result) in enumerate(zip(rows, results, strict=True)):
            if result is not None:
                continue
            if row.user not in users or row.item not in items:
                name = "user" if row.user not in users else "item"
                results[place] = ImpressionResult("rejected", name, f"Unknown {name}.")
                continue
            one = _shown(row, users[row.user], items[row.item], now)
            results[place] = ImpressionResult(
                "duplicate" if one.key in shown else "accepted", shown_at=one.shown_at
            )
            shown.setdefault(one.key, one)
        new = store(raw, list(shown.values()), now)
    return [
        _final(row, result, users, items, new) for row, result in zip(rows, results, strict=True) if result
    ]


def _checked(row: Impression, now: datetime) -> ImpressionResult | None:
    problem = first_problem(row, now)
    return ImpressionResult("rejected", *problem) if problem else None


def _shown(row: Impression, user_id: int, item_id: int, now: datetime) -> Shown:
    return Shown(
        user_id=user_id,
        request_id=row.request_id,
        item_id=item_id,
        shown_at=row.shown_at or now,
        position=row.position,
        source=row.source,
        propensity=row.propensity,
        surface=row.surface,
    )


def _final(
    row: Impression,
    result: ImpressionResult,
    users: dict[str, int],
    items: dict[str, int],
    new: set[tuple[int, str, int]],
) -> ImpressionResult:
    """An accepted one that was stored before is a duplicate after all."""
    if result.status != "accepted" or (users[row.user], row.request_id, items[row.item]) in new:
        return result
    return ImpressionResult("duplicate", shown_at=result.shown_at)
