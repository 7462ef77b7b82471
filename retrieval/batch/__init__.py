"""Candidates of many users at once, through the same path as a request, by several processes."""

from retrieval.batch.answering import Question, answers
from retrieval.batch.encoding import UnknownFormat, format_of
from retrieval.batch.running import Tally, in_chunks, run
from retrieval.batch.spreading import available_processes, spread

__all__ = [
    "Question",
    "Tally",
    "UnknownFormat",
    "answers",
    "available_processes",
    "format_of",
    "in_chunks",
    "run",
    "spread",
]
