"""The mathematics of a read-out: from sums over users to differences with intervals. Pure functions, no database."""

from experiments.statistics.boundaries import Boundary, Path, drift_for
from experiments.statistics.comparing import (
    ALPHA,
    LEAST_USERS,
    Comparison,
    Interval,
    compare,
    fixed,
    sequential,
    spread,
    value,
)
from experiments.statistics.coverage import coverage_and_gini
from experiments.statistics.guarding import Estimate, beside, clustered, grouped, never_worse
from experiments.statistics.looking import Taken, repeated
from experiments.statistics.metrics import COLUMNS, DIVERSITY, LATENCY, METRICS, Metric, Told
from experiments.statistics.moments import Moments
from experiments.statistics.power import LOOKS, Plan, days_until, plan
from experiments.statistics.ratio_check import SRM_ALARM, sample_ratio_p

__all__ = [
    "ALPHA",
    "COLUMNS",
    "DIVERSITY",
    "LATENCY",
    "LEAST_USERS",
    "LOOKS",
    "METRICS",
    "SRM_ALARM",
    "Boundary",
    "Comparison",
    "Estimate",
    "Interval",
    "Metric",
    "Moments",
    "Path",
    "Plan",
    "Taken",
    "Told",
    "beside",
    "clustered",
    "compare",
    "coverage_and_gini",
    "days_until",
    "drift_for",
    "fixed",
    "grouped",
    "never_worse",
    "plan",
    "repeated",
    "sample_ratio_p",
    "sequential",
    "spread",
    "value",
]
