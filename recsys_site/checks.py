"""System checks with ids: settings that contradict each other stop `manage.py check` with a remedy."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from recsys_site.sizes import Sizes, cores

DEVELOPMENT_SECRET = "development-only-"  # noqa: S105  what unset secrets begin with
_SHORTEST_TOKEN = 16


@register()
def check_stores(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    if _server(settings.REDIS_URL) == _server(settings.BROKER_URL):
        yield Error(
            "REDIS_URL and BROKER_URL name the same server: a cache that evicts would evict queued tasks.",
            hint="Run two: the cache with maxmemory-policy allkeys-lfu, the broker with noeviction and AOF.",
            id="headwater.E001",
        )
    database = settings.DATABASES["default"]
    if database.get("OPTIONS", {}).get("pool") and database["CONN_MAX_AGE"] != 0:
        yield Error(
            "DATABASE_URL asks for Django's pool while connections are also kept per thread.",
            hint="Set CONN_MAX_AGE=0, or take pool out of DATABASE_URL.",
            id="headwater.E002",
        )
    if settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] <= settings.CELERY_TASK_TIME_LIMIT:
        yield Error(
            "A task may run longer than the broker waits before it hands the task to a second worker.",
            hint="Keep CELERY_TASK_TIME_LIMIT below the transport's visibility_timeout.",
            id="headwater.E003",
        )


@register()
def check_request_path(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    ours = settings.HEADWATER
    threads, pool = ours["source_threads"], ours["hot_pool_size"]
    if threads > pool:
        yield Error(
            f"SOURCE_THREADS ({threads}) is more than HOT_POOL_SIZE ({pool}): sources would time out "
            "waiting for a connection.",
            hint=f"Set HOT_POOL_SIZE to {threads} or more.",
            id="headwater.E004",
        )
    if 0 < threads < ours["source_calls_in_flight"]:
        yield Error(
            f"SOURCE_CALLS_IN_FLIGHT ({ours['source_calls_in_flight']}) is more than SOURCE_THREADS "
            f"({threads}): one stuck source could hold every thread.",
            hint="Set SOURCE_CALLS_IN_FLIGHT to about half of SOURCE_THREADS.",
            id="headwater.E005",
        )
    if ours["redis_timeout_ms"] >= ours["deadline_ms"]:
        yield Error(
            f"REDIS_TIMEOUT_MS ({ours['redis_timeout_ms']}) leaves nothing of DEADLINE_MS "
            f"({ours['deadline_ms']}): a silent cache would cost the whole answer.",
            hint="Set REDIS_TIMEOUT_MS to a quarter of DEADLINE_MS or less.",
            id="headwater.E006",
        )


@register()
def check_sizes(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    sizes = _sizes()
    if 0 < sizes.hot_pool < sizes.threads:
        yield Error(
            f"WEB_THREADS ({sizes.threads}) is more than HOT_POOL_SIZE ({sizes.hot_pool}): requests would wait for "
            "a connection before they begin.",
            hint=f"Set HOT_POOL_SIZE to {sizes.threads} or more, or WEB_THREADS to {sizes.hot_pool}.",
            id="headwater.E010",
        )
    if sizes.workers > 2 * cores():
        yield checks.Warning(
            f"WEB_WORKERS ({sizes.workers}) is more than twice the {cores()} cores: each holds memory and "
            f"connections ({sizes.connections} in all) and none answers sooner.",
            hint=f"Set WEB_WORKERS to {cores()}.",
            id="headwater.W011",
        )


@register(Tags.database)
def check_connections(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    """Runs where a database may be asked: `migrate`, and `check --database default`."""
    if not databases or "default" not in databases:
        return
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        most = int(cursor.fetchone()[0])
    needed = _sizes().connections
    if needed > most:
        yield checks.Warning(
            f"The web processes may open {needed} connections, and Postgres allows {most}.",
            hint="Raise max_connections, or lower WEB_WORKERS, WEB_THREADS or HOT_POOL_SIZE.",
            id="headwater.W012",
        )


def _sizes() -> Sizes:
    ours = settings.HEADWATER
    return Sizes(settings.WEB_WORKERS, settings.WEB_THREADS, ours["source_threads"], ours["hot_pool_size"])


@register()
def check_tracing(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    if settings.TRACES_ENDPOINT and find_spec("opentelemetry") is None:
        yield Error(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed.",
            hint="pip install -r requirements-tracing.txt, or unset the variable.",
            id="headwater.E013",
        )


@register(Tags.security)
def check_production(
    app_configs: Sequence[AppConfig] | None,
    **kwargs: Any,
) -> Iterator[CheckMessage]:
    if not settings.PRODUCTION:
        return
    if settings.DEBUG:
        yield Error(
            "DEBUG is on in production: its pages show secrets.", hint="Unset DEBUG.", id="headwater.E007"
        )
    for name in ("SECRET_KEY", "METRICS_TOKEN"):
        value = getattr(settings, name)
        if value.startswith(DEVELOPMENT_SECRET) or len(value) < _SHORTEST_TOKEN:
            yield Error(
                f"{name} is the development one or shorter than {_SHORTEST_TOKEN} characters.",
                hint="python -c 'import secrets; print(secrets.token_urlsafe(50))' prints a good one.",
                id="headwater.E008",
            )
    if settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
        yield checks.Warning(
            "The app server speaks plain HTTP and redirects every request to HTTPS: behind a proxy, for ever.",
            hint="Set BEHIND_PROXY=1 where a proxy sets X-Forwarded-Proto, or SECURE_SSL_REDIRECT=0.",
            id="headwater.W009",
        )


def _server(url: str) -> tuple[str, str]:
    """Host and port, or the socket's path, whatever the scheme and the number of the database."""
    parts = urlsplit(url)
    if parts.scheme in {"unix", "redis+socket"}:
        return "unix", parts.path
    return "tcp", f"{parts.hostname}:{parts.port or 6379}"
