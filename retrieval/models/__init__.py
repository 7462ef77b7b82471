"""Retrieval's tables; never torch."""

from retrieval.models.content_vectors import ContentVectorSet
from retrieval.models.live_recall import LiveRecall
from retrieval.models.mix import MixRevision, PublishedMix
from retrieval.models.mix_change import MixChange, MixProposal
from retrieval.models.model_version import Artifact, LivePointer, ModelVersion, remember
from retrieval.models.rollup import DayTotals, PendingDay, RollupMark, SourceDay, SourceHour
from retrieval.models.top_list import TopList

__all__ = [
    "Artifact",
    "ContentVectorSet",
    "DayTotals",
    "LivePointer",
    "LiveRecall",
    "MixChange",
    "MixProposal",
    "MixRevision",
    "ModelVersion",
    "PendingDay",
    "PublishedMix",
    "RollupMark",
    "SourceDay",
    "SourceHour",
    "TopList",
    "remember",
]
