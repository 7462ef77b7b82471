"""Retrieval's tables; never torch."""

from retrieval.models.live_recall import LiveRecall
from retrieval.models.mix import MixRevision, PublishedMix
from retrieval.models.model_version import Artifact, LivePointer, ModelVersion, remember
from retrieval.models.top_list import TopList

__all__ = [
    "Artifact",
    "LivePointer",
    "LiveRecall",
    "MixRevision",
    "ModelVersion",
    "PublishedMix",
    "TopList",
    "remember",
]
