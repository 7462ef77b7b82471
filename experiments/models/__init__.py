"""Experiments, who is in them, and what was counted of them."""

from experiments.models.counted import Baseline, Look, Outcome, Totals, Traffic, Varied, Watermark
from experiments.models.experiment import Change, Experiment, Guardrail, Layer, Variant
from experiments.models.people import Exposure, Forced

__all__ = [
    "Baseline",
    "Change",
    "Experiment",
    "Exposure",
    "Forced",
    "Guardrail",
    "Layer",
    "Look",
    "Outcome",
    "Totals",
    "Traffic",
    "Variant",
    "Varied",
    "Watermark",
]
