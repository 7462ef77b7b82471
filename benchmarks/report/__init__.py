"""A run as a page in Markdown with pictures."""

from benchmarks.report.page import write_report
from benchmarks.report.run import Report

__all__ = ["Report", "write_report"]
