"""What is asked of the servers of a size, by whom, and when they are ready to be asked."""

import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from django.conf import settings  # noqa: TID251  the scrape's token

from api.models import ApiKey
from catalog.models import User

K = 1000
# Of the targets.
FOUR = "&sources=collaborative,content,trending,social"
_PRELOAD_AT_MOST_S = 240


def paths() -> Iterator[str]:
    """One question per user, in no order: nobody is asked about twice."""
    users = list(User.objects.values_list("external_id", flat=True)[:200_000])
    np.random.default_rng(int(time.time())).shuffle(users)
    return (f"/api/v1/users/{user}/candidates?k={K}" for user in users)


@contextmanager
def a_key() -> Iterator[dict[str, str]]:
    """The headers of requests that may read."""
    key, secret = ApiKey.objects.create_key(name="bench", scopes=["read"])
    try:
        yield {"Authorization": f"Api-Key {secret}"}
    finally:
        key.delete()


def counted(port: int, name: str) -> float:
    """The sum of that counter over its labels, as the process says at /metrics; 0 where it has none yet."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        lines = response.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def await_preloading(port: int) -> None:
    """Until the web process has read ahead what it reads ahead: a minute after its start it is as it is for days."""
    before, give_up_at = -1.0, time.monotonic() + _PRELOAD_AT_MOST_S
    while time.monotonic() < give_up_at:
        now = counted(port, "headwater_facts_preloaded_total")
        if now == before:
            print(f"{now:,.0f} items' facts read ahead", file=sys.stderr)
            return
        before = now
        time.sleep(3)
