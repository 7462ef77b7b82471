"""`manage.py source_bandit`: what a mix's bandit has learned, and what other ways of choosing would have brought."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from retrieval.mixes import InvalidMix, mix_by_revision, published_mix
from retrieval.shares.learning import learn
from retrieval.shares.offpolicy import Interval
from retrieval.shares.report import Report, report_of


class Command(BaseCommand):
    help = "Says what the bandit of a mix has learned, and estimates other ways of choosing from what was logged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--revision", type=int, help="of the mix; otherwise the published one")
        parser.add_argument("--surface", default="", help="whose published mix, where no revision is given")
        parser.add_argument("--days", type=int, default=28, help="how far back draws count")
        parser.add_argument(
            "--rebuild", action="store_true", help="count all draws, impressions and events anew"
        )

    def handle(
        self,
        *args: Any,
        revision: int | None,
        surface: str,
        days: int,
        rebuild: bool,
        **options: Any,
    ) -> None:
        now = datetime.now(UTC)
        try:
            mix = published_mix(surface) if revision is None else mix_by_revision(revision)
        except InvalidMix as error:
            raise CommandError(str(error)) from error
        if mix.bandit is None:
            raise CommandError(f"Revision {mix.revision} has no bandit: see docs/source-bandit.md.")
        if days < 1:
            raise CommandError("--days: use 1 or more.")
        if rebuild and learn(now, anew=True) is None:
            raise CommandError("Another run is counting: try again in a moment.")
        self._say(report_of(mix.bandit, mix.revision, now=now, days=days), mix.revision, days)

    def _say(self, report: Report, revision: int, days: int) -> None:
        if not report.draws:
            self.stdout.write(f"Nothing that revision {revision} drew in the last {days} days was shown.")
            return
        self.stdout.write(
            f"Revision {revision}, {days} days: {report.draws:,} draws, {report.engaged:,} engaged with, as served "
            f"{_interval(report.served)}."
        )
        self.stdout.write(f"{'':<24}{'IPS':<28}{'SNIPS':<28}{'doubly robust':<28}effective")
        for line in report.policies:
            value = line.value
            said = (
                f"{_interval(value.ips):<28}{_interval(value.snips):<28}{_interval(value.doubly_robust):<28}"
                f"{value.effective:,.0f}"
                if value
                else "too little was drawn of it"
            )
            self.stdout.write(f"{line.name:<24}{said}")
        for segment in report.segments:
            self.stdout.write(f"{segment.name or 'everybody'}: {segment.draws:,} draws")
            for arm in segment.arms:
                self.stdout.write(
                    f"  {arm.arm:<22}{arm.share:>5.0%} of draws, {arm.engaged:,} of {arm.draws:,} engaged with; "
                    f"posterior {_interval(arm.posterior)}; always {_interval(arm.always)}; "
                    f"from now on {arm.probability:.1%}"
                )


def _interval(one: Interval | None) -> str:
    return "–" if one is None else f"{one.value:.4f} ({one.low:.4f} to {one.high:.4f})"
