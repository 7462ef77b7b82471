"""`make test-faults`: breaks one thing after the other under load and prints what was held, survived and lost.

JSON=path appends the figures as JSON lines; ONLY=words runs the cases whose names have one of the words (by commas);
MARKDOWN=path writes the table.
"""

import os
import signal
import sys
from pathlib import Path

from benchmarks.faults.cases import CASES
from benchmarks.faults.measuring import Outcome, measured
from benchmarks.faults.plant import plant
from benchmarks.faults.report import markdown
from benchmarks.faults.traffic import Traffic
from benchmarks.figures import publish


def main() -> None:
    # Ended from outside, nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    words = [word for word in os.environ.get("ONLY", "").split(",") if word]
    cases = [case for case in CASES if not words or any(word in case.name for word in words)]
    outcomes: list[Outcome] = []
    with plant() as it:
        traffic = Traffic(it.url, it.key, per_second=float(os.environ.get("PER_SECOND", "8")))
        traffic.start()
        try:
            for case in cases:
                outcomes.append(measured(case, it, traffic))
                print(_line(outcomes[-1]), flush=True)
        finally:
            traffic.stop()
    publish([figure for outcome in outcomes for figure in outcome.figures()], title="Faults")
    if path := os.environ.get("MARKDOWN"):
        Path(path).write_text(markdown(outcomes))


def _line(outcome: Outcome) -> str:
    return (
        f"{outcome.case}: {outcome.requests} requests, reads answered {outcome.answered:.1%}, degraded "
        f"{outcome.degraded:.0%}, unexpected 5xx {outcome.unexpected_5xx}, broken {outcome.broken}, late "
        f"{outcome.late}, shed {outcome.shed}, whole after {outcome.recovery_s:.1f} s, "
        f"lost {outcome.acknowledged_lost} of {outcome.acknowledged}, p99 {outcome.added_p99_ms:+.0f} ms "
        f"{outcome.statuses}"
    )


if __name__ == "__main__":
    main()
