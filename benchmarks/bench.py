"""`make bench`: how fast the product answers on the demo's data, beside floors measured in the same run.

Client, server, Postgres and Valkey share this machine's cores: the ratios count, not the milliseconds.
"""

import argparse
import os
import time
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework_api_key.models import AbstractAPIKey  # noqa: E402

from api.models import ApiKey  # noqa: E402
from benchmarks.figures import Figure, publish  # noqa: E402
from benchmarks.load import Load, closed_loop, open_loop  # noqa: E402
from benchmarks.servers import SERVERS, serving  # noqa: E402
from benchmarks.warm import Turns, joined, warm_turns  # noqa: E402
from catalog.models import User  # noqa: E402
from retrieval.ann import PgVectorIndex  # noqa: E402
from retrieval.versions import live_model  # noqa: E402

K = 1000
CLIENTS = 4
TURNS = 5
WARM_USERS = 400  # whose ready answers fit into the embedded cache several times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=[*SERVERS], default="granian")
    server = parser.parse_args().server
    call_command("services", "start")
    call_command("migrate", verbosity=0)
    call_command("demo")
    users = list(User.objects.order_by("id").values_list("external_id", flat=True))
    paths = [f"/api/v1/users/{user}/candidates?k={K}" for user in users]
    key, headers = _temporary_key()
    try:
        # A prefix of its own leaves the demo's cache alone and starts cold.
        with serving(
            "recsys_site.wsgi:application",
            "/readyz",
            server=server,
            REDIS_KEY_PREFIX=f"bench:{uuid.uuid4().hex}:",
        ) as port:
            closed_loop(port, paths[:50], headers, clients=CLIENTS)  # imports, pools, prepared statements
            cold = closed_loop(port, paths[50:], headers, clients=CLIENTS)
            known = paths[-WARM_USERS:]
            closed_loop(port, known, headers, clients=CLIENTS)
            size = _bytes_of(port, known[0], headers)
            turns = warm_turns(port, known, headers, size=size, clients=CLIENTS, turns=TURNS, server=server)
            half = joined(turns.ours).per_second / 2
            steady = open_loop(port, known * 3, headers, per_second=half)
            # Filters and excludes have no ready answer: the list that is kept is filtered and written anew.
            arrays = closed_loop(port, [f"{path}&exclude=none" for path in known], headers, clients=CLIENTS)
    finally:
        key.delete()
    search_ms = _search_alone()
    publish(
        [
            *_figures("cold-demo", cold, floor_ms=float(np.median(search_ms))),
            *_warm_figures(turns),
            *_figures("warm-demo-open-loop", steady),
            *_figures("warm-demo-filtered", arrays),
        ],
        title=f"k={K}, {len(users)} users, {CLIENTS} clients, {server}; floors: a bare view with one GET of {size:,} "
        "bytes, in turns; the vector search alone",
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


def _warm_figures(turns: Turns) -> list[Figure]:
    """Ready answers beside the bare view, and what either costs in CPU besides the client."""
    ours, floor = joined(turns.ours), joined(turns.floor)
    cpu = Figure(
        "bench",
        "warm-demo",
        "cpu_ms",
        float(np.median(turns.ours_cpu_ms)),
        "ms",
        len(ours.latencies_ms),
        float(np.median(turns.floor_cpu_ms)),
    )
    figures = _figures("warm-demo", ours, floor_per_second=floor.per_second, floor_ms=floor.percentile_ms(50))
    return [*figures, cpu]


def _temporary_key() -> tuple[AbstractAPIKey, dict[str, str]]:
    key, secret = ApiKey.objects.create_key(name="bench", scopes=["read"])
    return key, {"Authorization": f"Api-Key {secret}"}


def _bytes_of(port: int, path: str, headers: dict[str, str]) -> int:
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    return len(connection.getresponse().read())


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
