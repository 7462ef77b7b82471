from collections.abc import Iterator

import psycopg
import pytest

from retrieval import toplists, trending
from retrieval.locks import sole_run, wait_for
from retrieval.models import TopList
from tests.retrieval.stores.database import url_of_this_run
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def another_process(db: None) -> Iterator[psycopg.Cursor]:
    """A session of its own on the test's database, in a transaction."""
    with psycopg.connect(url_of_this_run()) as other, other.cursor() as raw:
        yield raw


def test_a_run_is_refused_while_another_process_has_it(another_process):
    wait_for(another_process, "sweeping")

    with sole_run("sweeping") as raw:
        assert raw is None


def test_runs_of_different_names_do_not_meet(another_process):
    wait_for(another_process, "sweeping")

    with sole_run("mopping") as raw:
        assert raw is not None


@pytest.mark.django_db(transaction=True)
def test_a_lock_ends_with_its_run(another_process):
    with sole_run("sweeping"):
        pass

    wait_for(another_process, "sweeping")
    with sole_run("sweeping") as raw:
        assert raw is None


@pytest.mark.django_db(transaction=True)
def test_one_snapshot_does_not_see_what_was_committed_meanwhile(another_process):
    with sole_run("counting", one_snapshot=True) as raw:
        assert raw is not None
        another_process.execute("INSERT INTO catalog_creator (external_id, name) VALUES ('late', '')")
        another_process.connection.commit()

        assert raw.execute("SELECT count(*) FROM catalog_creator").fetchone() == (0,)


def test_rebuilds_step_back_while_another_runs(another_process):
    movie_world()
    wait_for(another_process, "trending")
    wait_for(another_process, "top lists")

    assert trending.rebuild(NOW) is None
    assert toplists.rebuild(NOW) is None
    assert TopList.objects.count() == 0
