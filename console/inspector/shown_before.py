"""What a user was shown in earlier requests, by what was stored: impressions, and the events that name them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.models import Interaction
from catalog.sql import cursor
from coldstart.models import Impression

LISTED = 15
# A user with more impressions than that sees some of them: the price has a bound.
_READ_AT_MOST = 5_000
_BACK = timedelta(days=7)
_PLACES = 2_000
_LATELY = """
SELECT request_id, max(shown_at), count(*)
FROM (
    SELECT request_id, shown_at FROM coldstart_impression
    WHERE user_id = %(user_id)b::bigint AND shown_at > %(since)b::timestamptz LIMIT %(most)b::bigint
) AS lately
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(listed)b::bigint
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    request_id: str
    shown_at: datetime
    places: int


@dataclass(frozen=True, slots=True)
class PastRequest:
    """item_ids: in the order in which they were shown; done: by item, the types of events that name the request."""

    shown_at: datetime
    item_ids: list[int]
    done: dict[int, str] = field(default_factory=dict)


def earlier_requests(user_id: int, now: datetime) -> list[Earlier]:
    """Of the last week, the newest first."""
    values = {"user_id": user_id, "since": now - _BACK, "most": _READ_AT_MOST, "listed": LISTED}
    with cursor() as raw:
        return [Earlier(*row) for row in raw.execute(_LATELY, values)]


def shown_in(user_id: int, request_id: str) -> PastRequest | None:
    """None where nothing is known of such a request of this user."""
    rows = list(
        Impression.objects.filter(user_id=user_id, request_id=request_id)
        .order_by("position")
        .values_list("item_id", "shown_at")[:_PLACES]
    )
    if not rows:
        return None
    shown_at = min(at for _, at in rows)
    # By index of the user's events; what came later than a week was not because of it.
    events = Interaction.objects.filter(
        user_id=user_id,
        request_id=request_id,
        occurred_at__gte=shown_at - timedelta(hours=1),
        occurred_at__lte=shown_at + timedelta(days=7),
    )
    done: dict[int, list[str]] = {}
    for item_id, kind in events.order_by("occurred_at").values_list("item_id", "type__name")[:_PLACES]:
        done.setdefault(item_id, []).append(kind)
    return PastRequest(
        shown_at, [item_id for item_id, _ in rows], {item: ", ".join(kinds) for item, kinds in done.items()}
    )
