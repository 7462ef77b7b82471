"""The table of docs/reliability.md."""

from collections.abc import Iterable

from benchmarks.faults.measuring import Outcome

_HEAD = (
    "| broken | reads answered | degraded | unexpected 5xx | broken connections | no answer in 10 s | shed | "
    "whole again after | events acknowledged so far, lost | added p99 |"
)


def markdown(outcomes: Iterable[Outcome]) -> str:
    """One row per case."""
    rows = [_HEAD, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|", *map(_row, outcomes)]
    return "\n".join(rows) + "\n"


def _row(one: Outcome) -> str:
    recovery = "not in time" if one.recovery_s != one.recovery_s else f"{one.recovery_s:.1f} s"
    return (
        f"| {one.case} | {one.answered:.1%} | {one.degraded:.0%} | {one.unexpected_5xx} | {one.broken} | "
        f"{one.late} | {one.shed} | {recovery} | {one.acknowledged:,}, {one.acknowledged_lost} | "
        f"{one.added_p99_ms:+,.0f} ms |"
    )
