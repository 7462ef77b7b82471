"""`manage.py up`: the whole product on this machine, until Ctrl-C; with --detach, until `manage.py down`."""

import signal
import subprocess
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand, CommandError

from recsys_site.embedded.services import stop_services
from recsys_site.running import group
from recsys_site.running.announcement import announcement
from recsys_site.running.answering import is_free, ready, wait_until_ready
from recsys_site.running.entrance import Entrance, open_entrance
from recsys_site.running.preparation import has_demo, prepare


class Command(BaseCommand):
    help = "Run the whole product: servers, tables, demo data, web, worker and beat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--detach", action="store_true", help="return once the product answers")

    def handle(self, *args: Any, **options: Any) -> None:
        self.var_dir = Path(settings.VAR_DIR)
        self.host, self.port = settings.WEB_HOST, settings.PORT
        self.url = f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104
        if self._runs_already(detach=options["detach"]):
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        kept_running = False
        try:
            process = self._start(detach=options["detach"])
            kept_running = options["detach"]
            if not kept_running:
                self._stay_until_the_end(process)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping")
        finally:
            if not kept_running:
                self._stop()

    def _runs_already(self, *, detach: bool) -> bool:
        """True where it answers and that is all --detach asks. Raises CommandError where we can't start."""
        runs = bool(group.members(self.var_dir))
        if runs and detach and ready(self.host, self.port):
            self.stdout.write(announcement(self.url, self._entrance()))
            return True
        if runs:
            raise CommandError("Headwater already runs from this folder: stop it with `make stop`.")
        if not is_free(self.host, self.port):
            raise CommandError(
                f"Port {self.port} of {self.host} is taken. Choose another with the variable PORT: "
                f"make run PORT={self.port + 1}"
            )
        return False

    def _start(self, *, detach: bool) -> "subprocess.Popen[bytes]":
        """honcho's process, once the product answers. Raises CommandError where it does not."""
        embedded = settings.USES_EMBEDDED_SERVICES
        prepare(
            self.var_dir,
            root=settings.BASE_DIR,
            embedded=embedded,
            with_demo=settings.LOAD_DEMO,
            say=self._say,
        )
        entrance = self._entrance()
        audience = embedded and settings.LOAD_DEMO and settings.RUN_AUDIENCE and has_demo(self.var_dir)
        self._say("==> Starting web, worker and beat")
        log_file = self.var_dir / "log" / "headwater.log"
        log_file.parent.mkdir(exist_ok=True)
        with log_file.open("ab") as log:
            process = group.start(
                self.var_dir,
                root=settings.BASE_DIR,
                host=self.host,
                port=self.port,
                workers=settings.WEB_WORKERS,
                threads=settings.WEB_THREADS,
                audience=audience,
                log=log if detach else None,
            )
        if not wait_until_ready(self.host, self.port, still_starting=lambda: process.poll() is None):
            raise CommandError(
                f"Headwater does not answer at {self.url}/readyz; {_why(log_file, detach=detach)}"
            )
        self._say(announcement(self.url, entrance, audience=audience))
        self._say(f"  Log: {log_file}\n  Stop: make stop\n" if detach else "  Stop: Ctrl-C\n")
        return process

    def _entrance(self) -> Entrance | None:
        if not settings.USES_EMBEDDED_SERVICES:
            return None
        return open_entrance(self.var_dir / "demo.json", url=self.url)

    def _stay_until_the_end(self, process: "subprocess.Popen[bytes]") -> None:
        ended_with: int | None = None
        while ended_with is None:
            # In turns: a signal that comes as waiting begins would be seen only when that ends.
            with suppress(subprocess.TimeoutExpired):
                ended_with = process.wait(timeout=60)
        if ended_with:
            raise CommandError("A process ended, and the others with it; its last lines are above.")

    def _stop(self) -> None:
        group.stop(self.var_dir)
        if settings.USES_EMBEDDED_SERVICES:
            stop_services(self.var_dir)
        self.stdout.write("Stopped.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _why(log_file: Path, *, detach: bool) -> str:
    if not detach:
        return "the reason is above."
    lines = log_file.read_text(errors="replace").splitlines()[-15:]
    return "\n".join([f"{log_file} ends:", *lines])
