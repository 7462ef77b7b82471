"""Candidates of many users at once, through the same path as a request, by several processes."""

from retrieval.batch.answering import Question
from retrieval.batch.encoding import UnknownFormat, format_of
from retrieval.batch.running import Tally, available_processes, run

__all__ = ["Question", "Tally", "UnknownFormat", "available_processes", "format_of", "run"]
