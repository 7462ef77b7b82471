"""`make bench`: how fast the product answers on the demo's data, beside floors measured in the same run.

Client, server, Postgres and Valkey share this machine's cores: the ratios count, not the milliseconds.
"""

import os
import time
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

import numpy as np  # noqa: E402
import redis  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework_api_key.models import AbstractAPIKey  # noqa: E402

from api.models import ApiKey  # noqa: E402
from benchmarks.figures import Figure, publish  # noqa: E402
from benchmarks.load import Load, closed_loop, open_loop  # noqa: E402
from benchmarks.servers import serving  # noqa: E402
from catalog.models import User  # noqa: E402
from retrieval.ann import PgVectorIndex  # noqa: E402
from retrieval.config import config  # noqa: E402
from retrieval.versions import live_model  # noqa: E402

K = 1000
FLOOR_KEY = "bench:floor"
CLIENTS = 4


def main() -> None:
    call_command("services", "start")
    call_command("migrate", verbosity=0)
    call_command("demo")
    users = list(User.objects.order_by("id").values_list("external_id", flat=True))
    paths = [f"/api/v1/users/{user}/candidates?k={K}" for user in users]
    key, headers = _temporary_key()
    try:
        # A prefix of its own leaves the demo's cache alone and starts cold.
        with serving(
            "recsys_site.wsgi:application", "/readyz", REDIS_KEY_PREFIX=f"bench:{uuid.uuid4().hex}:"
        ) as port:
            closed_loop(port, paths[:50], headers, clients=CLIENTS)  # imports, pools, prepared statements
            cold = closed_loop(port, paths[50:], headers, clients=CLIENTS)
            warm = closed_loop(port, paths * 3, headers, clients=CLIENTS)
            steady = open_loop(port, paths * 2, headers, per_second=warm.per_second / 2)
            size = _bytes_of(port, paths[0], headers)
    finally:
        key.delete()
    floor = _bare_view(size, len(paths) * 3)
    search_ms = _search_alone()
    publish(
        [
            *_figures("cold-demo", cold, floor_ms=float(np.median(search_ms))),
            *_figures("warm-demo", warm, floor_per_second=floor.per_second, floor_ms=floor.percentile_ms(50)),
            *_figures("warm-demo-open-loop", steady),
        ],
        title=f"k={K}, {len(users)} users, {CLIENTS} clients; floors: bare view with one GET of {size:,} bytes; "
        "the vector search alone",
    )


def _figures(
    case: str, load: Load, *, floor_per_second: float | None = None, floor_ms: float | None = None
) -> list[Figure]:
    n = len(load.latencies_ms)
    rate = Figure("bench", case, "throughput", load.per_second, "requests/s", n, floor_per_second)
    times = [
        Figure("bench", case, f"p{q}_ms", load.percentile_ms(q), "ms", n, floor_ms if q == 50 else None)
        for q in (50, 95, 99)
    ]
    return [rate, *times, Figure("bench", case, "failures", load.failures, "requests", n)]


def _temporary_key() -> tuple[AbstractAPIKey, dict[str, str]]:
    key, secret = ApiKey.objects.create_key(name="bench", scopes=["read"])
    return key, {"Authorization": f"Api-Key {secret}"}


def _bytes_of(port: int, path: str, headers: dict[str, str]) -> int:
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    return len(connection.getresponse().read())


def _bare_view(size: int, requests: int) -> Load:
    client = redis.Redis.from_url(config().redis_url)
    client.set(FLOOR_KEY, b"x" * size, ex=600)
    with serving("benchmarks.floor_site:application", "/floor", FLOOR_REDIS_URL=config().redis_url) as port:
        closed_loop(port, ["/floor"] * 50, {}, clients=CLIENTS)
        return closed_loop(port, ["/floor"] * requests, {}, clients=CLIENTS)


def _search_alone(samples: int = 300) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Milliseconds of the collaborative source's search, with no other work around it."""
    model = live_model()
    assert model is not None, "the demo promotes a model version"
    index = PgVectorIndex(model.vectors_table)
    generator = np.random.default_rng(1)
    took: list[float] = []
    for _ in range(samples):
        vector = generator.normal(size=model.dim).astype(np.float32)
        began = time.perf_counter()
        index.search(vector / np.linalg.norm(vector), 520, deadline=None, ef_search=600)
        took.append((time.perf_counter() - began) * 1000)
    return np.array(took)


if __name__ == "__main__":
    main()
