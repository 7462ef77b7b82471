"""Retrieval's tables; never torch."""

from retrieval.models.mix import MixRevision, PublishedMix
from retrieval.models.model_version import Artifact, LivePointer, ModelVersion, remember
from retrieval.models.top_list import TopList

__all__ = ["Artifact", "LivePointer", "MixRevision", "ModelVersion", "PublishedMix", "TopList", "remember"]
