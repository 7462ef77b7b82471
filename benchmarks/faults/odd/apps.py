"""Registers the source where the product looks for sources."""

from django.apps import AppConfig


class OddConfig(AppConfig):
    name = "benchmarks.faults.odd"

    def ready(self) -> None:
        from benchmarks.faults.odd import source  # noqa: F401, PLC0415  by importing it
