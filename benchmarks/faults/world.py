"""`python -m benchmarks.faults.world`: a small catalogue with people who did something; prints an API key."""

import datetime as dt
import random

import django

django.setup()

from django.utils import timezone  # noqa: E402

from api.models import ApiKey, Scope  # noqa: E402
from benchmarks.faults.shape import N_EVENTS, N_ITEMS, N_USERS, TYPES  # noqa: E402
from catalog.events import Event, record_events  # noqa: E402
from catalog.writing import ItemFields, UserFields, put_items, put_users  # noqa: E402
from retrieval import toplists, trending  # noqa: E402
from retrieval.mixes import ensure_published  # noqa: E402


def main() -> None:
    rng, now = random.Random(1), timezone.now()
    put_items(
        [
            ItemFields(
                f"i{n}",
                title=f"Item {n}",
                category=f"c{n % 7}",
                tags=(f"t{n % 23}", f"t{n % 11}"),
                creator=f"m{n % 40}",
                published_at=now - dt.timedelta(days=30 + n % 300),
            )
            for n in range(N_ITEMS)
        ],
        now,
    )
    put_users([UserFields(external_id=f"u{n}") for n in range(N_USERS)], now)
    events = [
        Event(
            f"past-{n}",
            f"u{rng.randrange(N_USERS)}",
            f"i{int(N_ITEMS * rng.random() ** 2)}",
            rng.choice(TYPES),
            None,
            None,
            now - dt.timedelta(minutes=rng.randrange(1, 2000)),
        )
        for n in range(N_EVENTS)
    ]
    record_events(events, now=now)
    ensure_published()
    trending.rebuild(now)
    toplists.rebuild(now)
    print(ApiKey.objects.create_key(name="faults", scopes=[scope.value for scope in Scope])[1])


if __name__ == "__main__":
    main()
