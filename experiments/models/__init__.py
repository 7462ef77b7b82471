"""Experiments and their variants."""

from experiments.models.experiment import Experiment, Variant

__all__ = ["Experiment", "Variant"]
