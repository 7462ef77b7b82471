"""`manage.py audience run|on|off|status`: the demo's simulated audience, which `make run` starts."""

import random
import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from celery import current_app
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from kombu.exceptions import OperationalError

from demo.audience.api import Api, read_door
from demo.audience.experiment import start_experiment
from demo.audience.pacing import Pace
from demo.audience.past import make_room
from demo.audience.running import Audience
from demo.audience.switch import Notice, Switch
from demo.audience.town import read_town
from demo.config import config
from retrieval.rollups import roll_up

# The worker's next turns are minutes away, and what is shown in the first ones is wanted too.
_ROLL_UPS = 25
_SUMMED_UP_AGAIN_AFTER_S = 180
_SUMMING_UP = ("retrieval.roll_up", "retrieval.advance_experiments")
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "The demo's simulated audience: run it, or switch the running one on or off."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["run", "on", "off", "status"])

    def handle(self, *args: Any, **options: Any) -> None:
        if not config().audience_allowed:
            raise CommandError("There is a simulated audience in the demo only, on embedded servers.")
        self.switch, self.notice = (
            Switch(Path(config().audience_off_file)),
            Notice(Path(config().audience_file)),
        )
        action = options["action"]
        if action == "run":
            self._run()
            return
        if action in {"on", "off"}:
            self.switch.turn(on=action == "on")
        self.stdout.write(self._status())

    def _status(self) -> str:
        if not self.switch.wanted():
            return "The simulated audience is off. What it did before stays in the figures."
        if self.notice.is_on():
            return "The simulated audience is on."
        return "The simulated audience is wanted and not running: `make run` starts it with the demo."

    def _run(self) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: stopped.set())
        town = read_town(random.Random(7))  # noqa: S311  the same people come often, every time
        if not Path(config().notice_file).exists() or not town.people:
            self.stdout.write("No demo is loaded here, so there is no simulated audience.")
            return
        make_room(datetime.now(UTC))
        start_experiment(datetime.now(UTC))
        connection.close()
        rng = random.Random()  # noqa: S311  nothing here is a secret
        Audience(
            open_api=lambda: Api(read_door(Path(config().entrance_file))),
            town=town,
            pace=Pace(config().audience_per_s, rng),
            switch=self.switch,
            notice=self.notice,
            rng=rng,
            stopped=stopped,
            after_past=_sum_up,
        ).run()


def _sum_up() -> None:
    """Pages read what is summed up: the past at once, the present by the worker in a while."""
    for _ in range(_ROLL_UPS):
        # Days of MovieLens wait before those that came later, and each run takes a few.
        if not roll_up(datetime.now(UTC)):
            break
    connection.close()
    try:
        for name in _SUMMING_UP:
            current_app.send_task(name, countdown=_SUMMED_UP_AGAIN_AFTER_S, expires=600)
    except OperationalError as error:
        log.info("the worker is not asked to sum up", reason=str(error))
