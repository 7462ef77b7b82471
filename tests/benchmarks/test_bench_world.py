"""The bench's worlds are shaped as they claim."""

import numpy as np
import pytest

from benchmarks.bench.capacity import Assumptions, plan
from benchmarks.bench.copying import moments, texts
from benchmarks.bench.engines import Turns, engine_figures
from benchmarks.bench.people import make_people
from benchmarks.bench.report import growth
from benchmarks.bench.world import DIM, Shelf, make_items
from benchmarks.figures import Figure


@pytest.fixture(scope="module")
def items():
    return make_items(4_000, np.random.default_rng(1))


@pytest.fixture(scope="module")
def people(items):
    return make_people(500, items, np.random.default_rng(2))


def test_vectors_are_unit_vectors_nearer_to_their_own_cluster(items):
    alike = items.vectors @ items.vectors[:50].T
    own = items.cluster[:, None] == items.cluster[None, :50]

    assert items.vectors.shape == (4_000, DIM)
    assert np.allclose(np.linalg.norm(items.vectors, axis=1), 1, atol=1e-5)
    assert alike[own].mean() > alike[~own].mean() + 0.5


def test_a_draw_stays_in_its_cluster_and_prefers_what_is_popular(items):
    shelf = Shelf.of(items)
    wanted = np.repeat(np.arange(shelf.clusters), 50)

    drawn = shelf.draw(wanted, np.random.default_rng(3))

    assert (items.cluster[drawn] == wanted).all()
    assert items.weights[drawn].mean() > 2 * items.weights.mean()


def test_people_stay_mostly_near_their_tastes(items, people):
    near = (items.cluster[people.event_item][:, None] == people.tastes[people.event_user]).any(axis=1)

    assert 0.7 < near.mean() < 0.95


def test_activity_has_a_long_tail_and_events_ascend_in_time(people):
    assert people.counts.max() > 5 * np.median(people.counts)
    starts = np.cumsum(people.counts)[:-1]
    steps = np.delete(np.diff(people.event_age_s), starts - 1)
    assert (steps <= 0).all()


def test_nobody_follows_herself_or_somebody_twice(people):
    pairs = np.stack([people.follower, people.followee], axis=1)

    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_numbers_become_texts_of_one_length_and_times_microseconds_since_2000():
    assert texts("e", np.array([7, 123])).tolist() == [b"e007", b"e123"]
    assert moments(np.array([946_684_801])).tolist() == [1_000_000]


def cold(case: str, p50_ms: float) -> Figure:
    return Figure("bench", case, "p50_ms alone", p50_ms, "ms", 1, 5.0)


def test_growth_is_the_larger_catalogues_median_over_the_smaller_ones():
    [figure] = growth([cold("cold-100k", 20.0), cold("cold-1m", 30.0)])

    assert figure.ratio == 1.5
    assert growth([cold("cold-1m", 30.0)]) == []


def test_the_plan_follows_from_what_was_measured():
    """500 requests/s, half of them cold: 250 × (25 − 2 × 5 + 10) ms of web, 250 × 2 × 5 ms of searches, twice over."""
    figures = [
        Figure("bench", "cold-1m", "cpu_ms of the search", 5.0, "ms", 1),
        Figure("bench", "cold-1m", "cpu_ms", 25.0, "ms", 1),
        Figure("bench", "warm-1m", "cpu_ms of kept candidates", 10.0, "ms", 1),
    ]

    given = Assumptions(
        average_per_second=500,
        peak_per_second=1000,
        share_kept=0.5,
        searches=2,
        growth_10m=1.0,
        used=0.5,
    )
    lines = plan(figures, given)

    assert "| cores for web processes | 13 | 25 |" in lines
    assert "| cores for Postgres replicas | 5 | 10 |" in lines
    assert plan([]) == []


def test_what_an_answer_saves_with_faiss_is_beside_what_the_search_saves():
    turns = Turns(
        pgvector=[30.0, 20.0, 25.0], faiss=[18.0, 16.0, 17.0], pgvector_search=[9.0], faiss_search=[2.0]
    )

    saved = {one.metric: one for one in engine_figures("engines-1m", turns)}["p50_ms saved"]

    assert (saved.value, saved.reference) == (8.0, 7.0)
