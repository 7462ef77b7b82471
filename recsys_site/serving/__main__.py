"""`python -m recsys_site.serving`: the web, as WEB_HOST, PORT, WEB_WORKERS and WEB_THREADS have it.

SIGHUP replaces its processes one by one, SIGTERM ends them once they have answered.
"""

import multiprocessing
from importlib import import_module

from granian.constants import Interfaces
from granian.log import LogLevels

from recsys_site.env import Environment
from recsys_site.serving.server import Server
from recsys_site.sizes import default_workers, threads_for

_APPLICATION = "recsys_site.wsgi:application"
# Longer than any request of the API may take.
_ENDS_WITHIN_S = 35


def _preload() -> None:
    # Not imported above: the first process reads as little as it can that a reload is to read anew.
    import_module("recsys_site.serving.preloading").preload()


def main() -> None:
    # The listening socket is inherited by number.
    multiprocessing.set_start_method("fork")
    env = Environment()
    server = Server(
        _APPLICATION,
        address=env.text("WEB_HOST", default="127.0.0.1"),
        port=env.integer("PORT", default=8000, minimum=1),
        interface=Interfaces.WSGI,
        workers=env.integer("WEB_WORKERS", default=default_workers(), minimum=1),
        blocking_threads=threads_for(env.integer("WEB_THREADS", default=4, minimum=1)),
        workers_kill_timeout=_ENDS_WITHIN_S,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        preload=_preload,
    )
    server.serve()


if __name__ == "__main__":
    main()
