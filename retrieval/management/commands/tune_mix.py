"""`manage.py tune_mix`: learns the published mix's weights and quotas, and leaves them as a draft."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval.mixes import create_revision, published_mix
from retrieval.models import MixRevision
from retrieval.source import all_sources
from retrieval.tuning.learning import Settings
from retrieval.tuning.tuning import Tuned, mix_to_record, tune, with_sources
from retrieval.tuning.validation import VALIDATIONS, Asking
from retrieval.types import RetrievalError


class Command(BaseCommand):
    help = (
        "Learn a mix's weights and quotas on a validation period; write a draft revision, never publish one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--surface", default="", help="whose published mix; default: that of all surfaces"
        )
        parser.add_argument("--revision", type=int, help="begin at this revision instead")
        parser.add_argument(
            "--validation",
            choices=sorted(VALIDATIONS),
            default="time",
            help="time: what users did after one moment; last: each user's newest items; replay: each request as "
            "of its own moment, for surfaces that live from what is new",
        )
        parser.add_argument(
            "--replay", action="store_const", const="replay", dest="validation", help="as --validation replay"
        )
        parser.add_argument(
            "--cutoff",
            type=dt.datetime.fromisoformat,
            help="of time and replay; default: before the newest tenth",
        )
        parser.add_argument("--requests", type=int, default=1_000, help="at most this many; default: 1000")
        parser.add_argument("--k", type=int, default=1_000, help="candidates asked for; default: 1000")
        parser.add_argument(
            "--depths",
            type=int,
            nargs="+",
            default=[20, 100],
            help="whose recalls are averaged; default: 20 100",
        )
        parser.add_argument(
            "--types", nargs="+", help="event types that are worth finding; default: all that say liking"
        )
        parser.add_argument(
            "--also", nargs="+", default=[], metavar="SOURCE", help="try these besides the mix's own sources"
        )
        parser.add_argument(
            "--coverage-floor", type=float, default=0.25, help="share of the present mix's coverage to keep"
        )
        parser.add_argument(
            "--diversity-floor", type=float, default=0.9, help="share of the present mix's diversity to keep"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            body = self._present(options)
            tuned = self._tuned(body, options)
        except RetrievalError as error:
            raise CommandError(str(error)) from error
        self._show(tuned)
        if tuned.gain.value <= 0:
            self.stdout.write("Nothing better was found: the mix stays, and there is no draft.")
            return
        draft = create_revision(tuned.body, note=tuned.note(), author="tune_mix")
        self.stdout.write(f"Draft: revision {draft.number}. Preview and publish it in the admin.")

    def _present(self, options: dict[str, Any]) -> dict[str, Any]:
        number = options["revision"] or published_mix(options["surface"]).revision
        row = MixRevision.objects.filter(number=number).first()
        if row is None:
            raise CommandError(f"There is no revision {number}.")
        if unknown := [name for name in options["also"] if name not in all_sources()]:
            raise CommandError(f"{unknown[0]!r} is no source: use {', '.join(all_sources())}.")
        body: dict[str, Any] = with_sources(row.body, options["also"])
        return body

    def _tuned(self, body: dict[str, Any], options: dict[str, Any]) -> Tuned:
        cutoff = options["cutoff"]
        if cutoff is not None and cutoff.tzinfo is None:
            cutoff = cutoff.replace(tzinfo=dt.UTC)
        mix, left_out = mix_to_record(body)
        asking = Asking(mix, options["k"], options["requests"], options["types"], cutoff)
        self.stdout.write(f"Recording what the sources say ({options['validation']}) …")
        recorded = list(VALIDATIONS[options["validation"]](asking))
        self.stdout.write(f"{len(recorded):,} requests recorded.")
        settings = Settings(
            depths=tuple(options["depths"]),
            coverage_floor=options["coverage_floor"],
            diversity_floor=options["diversity_floor"],
            seed=options["seed"],
        )
        return tune(
            recorded, body, k=options["k"], left_out=left_out, settings=settings, say=self.stdout.write
        )

    def _show(self, tuned: Tuned) -> None:
        self.stdout.write(tuned.note())
        for slot in tuned.body["sources"]:
            if "calibration" in slot:
                weights = ", ".join(f"{name} {value:+.3f}" for name, value in slot["calibration"].items())
                self.stdout.write(f"  {slot['name']}: quota {slot['quota']}, {weights}")
        for segment in tuned.body["segments"]:
            self.stdout.write(f"  of their own below {segment['below_events']} events")
        for name in tuned.left_out:
            self.stdout.write(f"  {name}: left as it is, since it may know what came after")
