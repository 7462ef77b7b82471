"""The mathematics of a read-out: from sums over users to differences with intervals. Pure functions, no database."""

from experiments.statistics.comparing import Comparison, Interval, compare, fixed, sequential, spread, value
from experiments.statistics.coverage import coverage_and_gini
from experiments.statistics.guarding import Estimate, clustered, grouped, never_worse
from experiments.statistics.metrics import COLUMNS, METRICS, Metric
from experiments.statistics.moments import Moments
from experiments.statistics.power import Plan, days_until, plan
from experiments.statistics.ratio_check import SRM_ALARM, sample_ratio_p

__all__ = [
    "COLUMNS",
    "METRICS",
    "SRM_ALARM",
    "Comparison",
    "Estimate",
    "Interval",
    "Metric",
    "Moments",
    "Plan",
    "clustered",
    "compare",
    "coverage_and_gini",
    "days_until",
    "fixed",
    "grouped",
    "never_worse",
    "plan",
    "sample_ratio_p",
    "sequential",
    "spread",
    "value",
]
