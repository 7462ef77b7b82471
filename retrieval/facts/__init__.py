"""What filters, caps and answers must know of candidates: kept in the process, exact as of each request's context."""

from retrieval.facts.changes import distrusted_since, distrusts, touched_since
from retrieval.facts.columns import Coded, CodedSets, ItemFacts
from retrieval.facts.keeping import (
    advance,
    current_facts,
    forget_facts,
    knows_facts,
    position,
    take_facts_as_known,
)
from retrieval.facts.preloading import preload_facts, read_all_facts
from retrieval.facts.reading import load_facts, read_records
from retrieval.facts.table import Record

__all__ = [
    "Coded",
    "CodedSets",
    "ItemFacts",
    "Record",
    "advance",
    "current_facts",
    "distrusted_since",
    "distrusts",
    "forget_facts",
    "knows_facts",
    "load_facts",
    "position",
    "preload_facts",
    "read_all_facts",
    "read_records",
    "take_facts_as_known",
    "touched_since",
]
