"""The run as a Markdown table."""

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench.machine import description
from benchmarks.faults.clients import Attempt
from benchmarks.faults.judging import Trial, answerable_missed, p99_ms, statuses, unexpected
from benchmarks.figures import Figure

_COLUMNS = (
    *(
        "case",
        "answers meanwhile",
        "degraded",
        "unexpected 5xx",
        "unanswered",
        "answerable",
        "whole after s",
    ),
    *("acknowledged, lost", "added p99 ms"),
)

_OF = ("requests", "requests that a cache or the floor could answer")


def write_markdown(
    path: Path, trials: Sequence[Trial], calm: Sequence[Attempt], whole_run: Sequence[Figure]
) -> None:
    lines = [
        f"{description()}. Load average at the end {os.getloadavg()[0]:.1f}. While nothing was broken: "
        f"{len(calm)} requests, p99 {p99_ms(calm):.0f} ms. Availability over the whole run: "
        + "; ".join(f"{f.value:.4%} of {f.n:,} {words}" for f, words in zip(whole_run, _OF, strict=True))
        + ".",
        "",
        "| " + " | ".join(_COLUMNS) + " |",
        "|---|---|" + "---:|" * (len(_COLUMNS) - 2),
        *(_row(trial, calm) for trial in trials),
    ]
    path.write_text("\n".join(lines) + "\n")


def _row(trial: Trial, calm: Sequence[Attempt]) -> str:
    attempts = trial.attempts
    cells = (
        trial.case,
        statuses(attempts),
        f"{sum(bool(a.degraded) for a in attempts)}",
        f"{sum(unexpected(a, without_postgres=trial.without_postgres) for a in attempts)}",
        f"{sum(a.status == 0 for a in attempts)}",
        f"{sum(map(answerable_missed, attempts))}",
        f"{trial.recovery_s:.1f}",
        f"{trial.acknowledged}, {trial.lost}",
        f"{p99_ms(attempts) - p99_ms(calm):+.0f}",
    )
    return "| " + " | ".join(cells) + " |"
