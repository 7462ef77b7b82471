"""Retrieval's tables; never torch."""

from retrieval.models.answered import AnswerHour, ArmAnswerHour, ArmAnswers, CacheHour, SourcePair, SourceWork
from retrieval.models.content_vectors import ContentVectorSet
from retrieval.models.erasure import Erasure
from retrieval.models.live_recall import LiveRecall
from retrieval.models.mix import MixRevision, PublishedMix
from retrieval.models.mix_change import MixChange, MixProposal
from retrieval.models.model_version import Artifact, LivePointer, ModelVersion, remember
from retrieval.models.requests import RequestDay, RequestHour, RequestSlot
from retrieval.models.rollup import ArmHour, DayTotals, PendingDay, RollupMark, SourceDay, SourceHour
from retrieval.models.shares import ShareCell, ShareDraw, ShareMark, SharePolicy
from retrieval.models.slices import AudienceSlice, CatalogueSlice
from retrieval.models.top_list import TopList

__all__ = [
    "AnswerHour",
    "ArmAnswerHour",
    "ArmAnswers",
    "ArmHour",
    "Artifact",
    "AudienceSlice",
    "CacheHour",
    "CatalogueSlice",
    "ContentVectorSet",
    "DayTotals",
    "Erasure",
    "LivePointer",
    "LiveRecall",
    "MixChange",
    "MixProposal",
    "MixRevision",
    "ModelVersion",
    "PendingDay",
    "PublishedMix",
    "RequestDay",
    "RequestHour",
    "RequestSlot",
    "RollupMark",
    "ShareCell",
    "ShareDraw",
    "ShareMark",
    "SharePolicy",
    "SourceDay",
    "SourceHour",
    "SourcePair",
    "SourceWork",
    "TopList",
    "remember",
]
