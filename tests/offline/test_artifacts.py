import pytest

from retrieval import artifacts
from retrieval.models import Artifact
from tests.offline.versions_world import version

pytestmark = pytest.mark.django_db


def test_saved_bytes_come_back():
    made = version()

    artifacts.save(made.id, "user", b"\x00weights\xff")

    assert artifacts.load(made.id, "user") == b"\x00weights\xff"


def test_a_second_load_asks_no_database(django_assert_num_queries):
    made = version()
    artifacts.save(made.id, "user", b"weights")
    artifacts.load(made.id, "user")

    with django_assert_num_queries(0):
        artifacts.load(made.id, "user")


def test_saving_again_replaces():
    made = version()
    artifacts.save(made.id, "user", b"old")
    artifacts.load(made.id, "user")

    artifacts.save(made.id, "user", b"new")

    assert artifacts.load(made.id, "user") == b"new"


def test_damaged_bytes_are_refused():
    made = version()
    artifacts.save(made.id, "user", b"weights")
    Artifact.objects.update(body=b"Weights")

    with pytest.raises(artifacts.ArtifactDamaged, match="damaged"):
        artifacts.load(made.id, "user")


def test_a_missing_file_is_named():
    with pytest.raises(artifacts.ArtifactMissing, match="'user'"):
        artifacts.load(version().id, "user")
