"""Which index serves, and how FAISS keeps its own. Frozen by retrieval/config.py."""

from recsys_site.env import Environment
from recsys_site.sizes import default_workers

_env = Environment()
ENGINE = {
    "vector_engine": _env.choice("VECTOR_ENGINE", ["pgvector", "faiss"], default="pgvector"),
    "faiss_layout": _env.choice("FAISS_LAYOUT", ["hnsw", "ivfpq"], default="hnsw"),
    "faiss_most_changes": _env.integer("FAISS_MOST_CHANGES", default=10_000, minimum=1),
    "faiss_rebuild_s": _env.integer("FAISS_REBUILD_S", default=6 * 3600, minimum=60),
    "faiss_build_threads": _env.integer(
        "FAISS_BUILD_THREADS", default=max(1, default_workers() - 1), minimum=1
    ),
}
