"""What the service promises over thirty days; ops/alerts.yml says the same. Frozen by retrieval/config.py."""

from recsys_site.env import Environment

_env = Environment()
OBJECTIVES = {
    "availability_objective": _env.number(
        "AVAILABILITY_OBJECTIVE", default=0.999, minimum=0.5, maximum=0.99999
    ),
    "latency_objective": _env.number("LATENCY_OBJECTIVE", default=0.99, minimum=0.5, maximum=0.99999),
    "latency_objective_ms": _env.integer("LATENCY_OBJECTIVE_MS", default=200, minimum=1),
}
