"""Each library behind one face. All are imported where they are used: what is not installed is left out, by name."""

from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.ann import Vectors
from retrieval.ann.snapshots import layouts
from retrieval.ann.snapshots.library import use_threads

M, EF_CONSTRUCTION = layouts.M, layouts.EF_CONSTRUCTION
# More of them wait for one another in vain where others use the cores too.
_BUILD_THREADS = 1
_EFFORTS = (50, 100, 200, 400, 600, 800, 1000)


class Library(Protocol):
    """efforts: what `search` is asked with, ascending; what it means is the library's own."""

    @property
    def efforts(self) -> tuple[int, ...]: ...

    def build(self, rows: Vectors, k: int) -> None: ...

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        """Places of at most k rows. One thread."""
        ...


class Faiss:
    """As the product builds and searches it."""

    def __init__(self, layout: layouts.Layout) -> None:
        self._layout: layouts.Layout = layout
        self.efforts = _EFFORTS

    def build(self, rows: Vectors, k: int) -> None:
        use_threads(_BUILD_THREADS)
        self._index = layouts.empty_index(self._layout, rows.shape[1], len(rows))
        if wanted := layouts.sample_size(self._layout, len(rows)):
            self._index.train(rows[np.sort(np.random.default_rng(0).permutation(len(rows))[:wanted])])
        for start in range(0, len(rows), 20_000):
            self._index.add(np.ascontiguousarray(rows[start : start + 20_000]))
        use_threads(1)

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        return layouts.nearest(self._index, query, k, effort=effort)[1]


class Scann:
    """Partitions, anisotropic 4-bit codes, then exact scores of the best; efforts: how many are scored again, of a
    twelfth as many partitions."""

    efforts = (400, 600, 800, 1200, 2000, 4000)

    def build(self, rows: Vectors, k: int) -> None:
        builder = import_module("scann").scann_ops_pybind.builder(np.asarray(rows), k, "dot_product")
        self._leaves = int(np.sqrt(len(rows)) * 2)
        self._index = (
            builder.tree(self._leaves, self._leaves // 10, training_sample_size=min(len(rows), 250_000))
            .score_ah(2, anisotropic_quantization_threshold=0.2)
            .reorder(max(self.efforts))
            .build()
        )

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        places: NDArray[Any] = self._index.search(
            query, k, pre_reorder_num_neighbors=effort, leaves_to_search=min(self._leaves, effort // 12)
        )[0]
        return places


class Usearch:
    efforts = _EFFORTS

    def build(self, rows: Vectors, k: int) -> None:
        index = import_module("usearch.index").Index
        self._index = index(
            ndim=rows.shape[1], metric="ip", dtype="f16", connectivity=M, expansion_add=EF_CONSTRUCTION
        )
        self._index.add(np.arange(len(rows)), np.asarray(rows), threads=_BUILD_THREADS)

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        self._index.expansion_search = max(effort, k)
        places: NDArray[Any] = self._index.search(query, k, threads=1).keys
        return places


class Voyager:
    """Has no half precision: float32."""

    efforts = _EFFORTS

    def build(self, rows: Vectors, k: int) -> None:
        voyager = import_module("voyager")
        self._index = voyager.Index(
            voyager.Space.InnerProduct, num_dimensions=rows.shape[1], M=M, ef_construction=EF_CONSTRUCTION
        )
        self._index.add_items(np.asarray(rows), num_threads=_BUILD_THREADS)

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        places: NDArray[Any] = self._index.query(query, k, num_threads=1, query_ef=max(effort, k))[0]
        return places


class Annoy:
    """Trees by angle, which for unit vectors orders as the inner product; efforts: nodes looked at."""

    efforts = (1_000, 4_000, 10_000, 20_000, 40_000)
    _TREES = 20

    def build(self, rows: Vectors, k: int) -> None:
        self._index = import_module("annoy").AnnoyIndex(rows.shape[1], "angular")
        self._index.set_seed(1)
        for place, row in enumerate(rows):
            self._index.add_item(place, row)
        self._index.build(self._TREES, n_jobs=_BUILD_THREADS)

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[Any]:
        return np.array(self._index.get_nns_by_vector(query, k, search_k=effort))
