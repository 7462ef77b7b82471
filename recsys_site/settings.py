"""Django's settings: read from the environment here, frozen by each app's `config.py`, read nowhere else."""

import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from console.theme import UNFOLD as UNFOLD_THEME
from recsys_site import engine_settings, newcomer_settings, objective_settings
from recsys_site.console_settings import console_and_demo
from recsys_site.embedded.addresses import embedded_addresses
from recsys_site.env import Environment
from recsys_site.logs import logging_config
from recsys_site.sizes import cores, default_workers, facts_cache_mb, index_build_mb

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
TESTING = "pytest" in sys.modules
# Workers of one test run share a Valkey: each writes under a prefix of its own.
TEST_KEY_PREFIX = f"test:{env.text('PYTEST_XDIST_WORKER', default='main')}:"
EMBEDDED = embedded_addresses(VAR_DIR)

DJANGO_ENV = env.name
PRODUCTION = env.production
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", development="development-only-" + "0" * 40)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", development="127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default="")
# Where several web processes leave their figures for one another; prometheus-client reads it too.
METRICS_DIR = env.text("PROMETHEUS_MULTIPROC_DIR", default="")
METRICS_TOKEN = env.text("METRICS_TOKEN", development="development-only-metrics")
# Where traces go, by OTLP over HTTP; empty: there are none. The exporter reads its other variables by itself.
TRACES_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT", default="")

# --- stores -----------------------------------------------------------------------------------------------
# Unset in development means the embedded servers of `manage.py services`.
USES_EMBEDDED_SERVICES = not env.production and "DATABASE_URL" not in env
DATABASE_URL = env.text("DATABASE_URL", development=EMBEDDED.database_url)
REDIS_URL = env.text("REDIS_URL", development=EMBEDDED.cache_url)
BROKER_URL = env.text("BROKER_URL", development=EMBEDDED.broker_url)

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(DATABASE_URL),
        "ENGINE": "recsys_site.guarded_postgres",
        "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    },
}
DATABASES["default"]["TEST"] = {"NAME": env.text("TEST_DATABASE", default="test_headwater")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- retrieval (frozen by retrieval/config.py) ------------------------------------------------------------
HEADWATER: dict[str, Any] = {
    "redis_url": REDIS_URL,
    "redis_key_prefix": TEST_KEY_PREFIX if TESTING else env.text("REDIS_KEY_PREFIX", default=""),
    "redis_timeout_ms": env.integer("REDIS_TIMEOUT_MS", default=5_000 if TESTING else 50, minimum=1),
    "database_url": DATABASE_URL,
    "facts_cache_mb": env.integer("FACTS_CACHE_MB", default=facts_cache_mb(), minimum=8),
    "facts_preload": not TESTING and env.flag("FACTS_PRELOAD", default=True),
    "vectors_cache_mb": env.integer("VECTORS_CACHE_MB", default=64),
    **engine_settings.ENGINE,
    "vector_snapshots_dir": str(VAR_DIR / "vectors"),
    # A test that wants samples says so.
    "recall_share": env.number("RECALL_SHARE", default=0 if TESTING else 1e-4, minimum=0, maximum=1),
    "related_cache_mb": env.integer("RELATED_CACHE_MB", default=64, minimum=1),
    # 0 shares Django's own connection, so that a test's open transaction is visible to the request path.
    "hot_pool_size": 0 if TESTING else env.integer("HOT_POOL_SIZE", default=16),
    "source_threads": 0 if TESTING else env.integer("SOURCE_THREADS", default=16),
    "source_calls_in_flight": env.integer("SOURCE_CALLS_IN_FLIGHT", default=8, minimum=1),
    # A test asks what is answered, never how fast: a busy machine must not fail it.
    "deadline_ms": env.integer("DEADLINE_MS", default=60_000 if TESTING else 300, minimum=5),
    **objective_settings.OBJECTIVES,
    "candidates_ttl_s": env.integer("CANDIDATES_TTL_S", default=300, minimum=1),
    "vector_ttl_s": env.integer("VECTOR_TTL_S", default=3600, minimum=1),
    "precomputed_ttl_s": env.integer("PRECOMPUTED_TTL_S", default=600, minimum=1),
    "precomputed_share": env.number("PRECOMPUTED_SHARE", default=0.1),
    "stale_s": env.integer("CACHE_STALE_S", default=60, minimum=0),
    "cache_wait_ms": env.integer("CACHE_WAIT_MS", default=150, minimum=0),
    "ready_answers": env.flag("READY_ANSWERS", default=True),
    "warmed_users": env.integer("WARMED_USERS", default=2_000),
    # Well within the time for which candidates are kept: what is warmed first must still be there at the flip.
    "warming_at_most_s": env.integer("WARMING_AT_MOST_S", default=60),
    "trending_fresh_ms": env.integer("TRENDING_FRESH_MS", default=0 if TESTING else 250),
    "trending_time_constant_s": env.integer("TRENDING_TIME_CONSTANT_S", default=6 * 3600, minimum=60),
    "social_window_s": env.integer("SOCIAL_WINDOW_S", default=24 * 3600, minimum=60),
    "index_build_mb": env.integer(
        "INDEX_BUILD_MB", default=index_build_mb() if USES_EMBEDDED_SERVICES else 0
    ),
    "index_build_workers": env.integer("INDEX_BUILD_WORKERS", default=max(cores() - 1, 1)),
    "artifacts_dir": str(VAR_DIR / "models"),
    "snapshots_dir": str(VAR_DIR / "snapshots"),
    # A test that starts without Postgres says so.
    "last_known_s": env.integer("LAST_KNOWN_S", default=0 if TESTING else 86_400),
}
# What a user already has is recognised from this many of the newest events.
CATALOG = {
    "history_limit": env.integer("HISTORY_LIMIT", default=2000, minimum=10),
    "last_known_dir": str(VAR_DIR / "last-known"),
}
NEWCOMERS, EXPLORATION = newcomer_settings.NEWCOMERS, newcomer_settings.EXPLORATION
CONSOLE, DEMO = console_and_demo(env, VAR_DIR, embedded=USES_EMBEDDED_SERVICES, metrics_dir=METRICS_DIR)

# Whoever comes to the log-in page by itself.
LOGIN_REDIRECT_URL = "admin:index"

# --- `make run` ------------------------------------------------------------------------------------------
WEB_HOST = env.text("WEB_HOST", default="127.0.0.1")
PORT = env.integer("PORT", default=8000, minimum=1)
LOAD_DEMO = env.flag("DEMO", default=True)
RUN_AUDIENCE = env.flag("AUDIENCE", default=True)
# For the Procfile. While a thread waits for its sources, others answer.
WEB_WORKERS = env.integer("WEB_WORKERS", default=default_workers(), minimum=1)
WEB_THREADS = env.integer("WEB_THREADS", default=4, minimum=1)

# --- Django -----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "catalog",
    "experiments",
    "coldstart",
    "retrieval",
    "api",
    "console",
    "demo",
    "welcome",
    "recsys_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.csp.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "console.second_factor.gate.SecondFactorGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "recsys_site.urls"
WSGI_APPLICATION = "recsys_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.notices.notice_context",
            ],
        },
    },
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = not env.production
if env.production:
    # A name holds a hash of its content, so that browsers keep it for good; `manage.py collectstatic` first.
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
LOGIN_URL = "admin:login"
if TESTING:
    # Slow on purpose elsewhere; tests log in hundreds of times.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
# API bodies: one batch of 10,000 events fits, a body of 100 MB does not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Files are uploaded by staff alone, to the page of imports.
FILE_UPLOAD_HANDLERS = ["console.data.uploading.StaffUploads"]
UNFOLD = UNFOLD_THEME

# --- security ---------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=env.production)
SECURE_HSTS_SECONDS = 31_536_000 if env.production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.production
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", default=False) else None
)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.production
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # The admin has one of its own: console/csp.py.
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    },
}

# --- REST (api/) ------------------------------------------------------------------------------------------
# Frozen by api/config.py.
API = {
    "metrics_token": METRICS_TOKEN,
    "metrics_dir": METRICS_DIR,
    "var_dir": str(VAR_DIR),
    "max_body_bytes": DATA_UPLOAD_MAX_MEMORY_SIZE,
    "max_json_depth": 32,
    "max_rows": 10_000,
    "key_cache_ttl_s": 1.0,
    "last_known_keys_s": env.integer("LAST_KNOWN_KEYS_S", default=0 if TESTING else 3600),
    # Per key: high enough for a busy client, low enough to stop a loop gone wild.
    "rates": {
        "read": env.text("RATE_READ", default="60000/minute"),
        "events": env.text("RATE_EVENTS", default="60000/minute"),
        "catalog": env.text("RATE_CATALOG", default="6000/minute"),
        "admin": env.text("RATE_ADMIN", default="600/minute"),
    },
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["drf_orjson_renderer.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "DEFAULT_VERSION": "v1",
    "ALLOWED_VERSIONS": ["v1"],
    "DEFAULT_SCHEMA_CLASS": "api.openapi.HeadwaterSchema",
    "EXCEPTION_HANDLER": "api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headwater",
    "DESCRIPTION": "Candidate retrieval: a thousand good items for one user, out of millions, with reasons.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]",
    "COMPONENT_SPLIT_REQUEST": True,
    "TAGS": [
        {"name": "candidates", "description": "What to show one user."},
        {"name": "onboarding", "description": "What new users like, before they have done anything."},
        {"name": "events", "description": "What users did; the very next answer knows."},
        {"name": "items", "description": "What can be recommended."},
        {"name": "users", "description": "Whom to recommend to, whom they follow, what they block."},
        {"name": "cache", "description": "What is kept for the next request."},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.openapi_shared.add_shared",
        "api.openapi_precise.be_precise",
    ],
    # Asks no validator of another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "tryItOutEnabled": True},
}

# --- Celery -----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3000
# Longer than the longest task, or the broker hands a running task to a second worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "redbeat.RedBeatScheduler"
CELERY_REDBEAT_REDIS_URL = BROKER_URL.replace("redis+socket://", "unix://")
CELERY_REDBEAT_LOCK_TIMEOUT = 60

LOGGING = logging_config(
    level=env.text("LOG_LEVEL", default="WARNING" if TESTING else "INFO"), json=env.production
)
