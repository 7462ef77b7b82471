"""What all web processes have in common: all that is imported, and nothing that runs or is open."""

import os
from importlib import import_module

# What `recsys_site.wsgi` imports itself; what is missing here is only imported later.
_BESIDE = (
    "api.candidates.shortcut",
    "recsys_site.context_of_logs",
    "recsys_site.letting_go",
    "recsys_site.shedding",
    "retrieval.warming",
)


def preload() -> None:
    """Django with its apps, the URLs with their views, and the sources."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
    # As `recsys_site.wsgi` has it, and before numpy: threads would not survive the fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import_module("django").setup()
    _ = import_module("django.urls").get_resolver().url_patterns
    for name in _BESIDE:
        import_module(name)
    import_module("retrieval.source").all_sources()
