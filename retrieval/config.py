"""Retrieval's settings, frozen at first use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class RetrievalConfig:
    database_url: str
    redis_url: str
    redis_key_prefix: str
    redis_timeout_ms: int
    facts_cache_mb: int  # items' facts that a process keeps
    facts_preload: bool  # whether a process reads the facts of all items, where they fit, when it starts
    vectors_cache_mb: int  # a version's vectors that a process keeps whole; larger ones stay in Postgres
    vector_engine: str  # of larger ones: pgvector, or faiss for snapshots in the process
    faiss_layout: Literal["hnsw", "ivfpq"]
    faiss_most_changes: int  # of more changed items since its snapshot a process searches in Postgres again
    faiss_rebuild_s: int  # how old a snapshot may become while items change
    faiss_build_threads: int
    vector_snapshots_dir: str
    recall_share: float  # of the searches are compared with an exact one, beside the requests
    related_cache_mb: int  # lists of related items that a process keeps
    hot_pool_size: int  # 0: share Django's connection
    source_threads: int  # 0: run sources one after the other in the request's thread
    source_calls_in_flight: int
    deadline_ms: int
    availability_objective: float  # of the requests that must be answered, a share
    latency_objective: float  # of the requests for candidates that must be quick, a share
    latency_objective_ms: int  # and how quick
    candidates_ttl_s: int  # L1
    vector_ttl_s: int  # L2
    precomputed_ttl_s: int  # L3
    precomputed_share: float  # of the users of the last 24 h, the most active first
    stale_s: int  # how long L1 and L3 are kept beyond that, for who would otherwise wait
    cache_wait_ms: int  # how long to wait for somebody else's computation
    ready_answers: bool  # whether whole answers are kept as bytes
    trending_time_constant_s: int
    trending_fresh_ms: (
        int  # how old the trends may be that a process keeps; 0: asked each time whether they moved
    )
    social_window_s: int
    warmed_users: (
        int  # the most active of the last day, whose candidates a version-to-be computes before it serves
    )
    warming_at_most_s: int
    index_build_mb: int  # the most memory for building an index over vectors; 0: as the server has it
    index_build_workers: int  # processes beside the one that builds it
    artifacts_dir: str
    snapshots_dir: str
    last_known_s: int  # how long what was left on disk answers for a store that is away; 0: nothing is left


_overridden: list[RetrievalConfig] = []


def config() -> RetrievalConfig:
    return _overridden[-1] if _overridden else _configured()


@contextmanager
def overridden(**changes: Any) -> Iterator[None]:
    """Within the block this whole process has these settings instead: for commands, never while serving."""
    _overridden.append(replace(config(), **changes))
    try:
        yield
    finally:
        _overridden.pop()


@cache
def _configured() -> RetrievalConfig:
    return RetrievalConfig(**settings.HEADWATER)
