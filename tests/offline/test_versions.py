import pytest
from django.db import OperationalError, connection

from catalog.kept import Kept
from experiments.lifecycle import stop
from retrieval import artifacts, versions
from retrieval.models import LivePointer, ModelVersion
from retrieval.versions import forget_live_model
from tests.experiments.running import run_experiment
from tests.offline.versions_world import CUTOFF, version

pytestmark = pytest.mark.django_db
State = ModelVersion.State


def state(made: ModelVersion) -> str:
    made.refresh_from_db()
    return made.state


def has_table(made: ModelVersion) -> bool:
    return made.vectors_table in connection.introspection.table_names()


def test_nothing_is_live_before_the_first_promotion():
    assert versions.live_model() is None


def test_that_nothing_is_live_is_still_known_while_postgres_is_away(monkeypatch: pytest.MonkeyPatch):
    is_away = False

    def read() -> None:
        if is_away:
            raise OperationalError

    monkeypatch.setattr(versions, "_live", Kept(read, fresh_s=-1))
    assert versions.live_model() is None
    is_away = True
    assert versions.live_model() is None
    forget_live_model()
    with pytest.raises(OperationalError):
        versions.live_model()


def test_a_promoted_version_is_live_with_its_own_table():
    first = version()

    versions.promote(first.id)

    live = versions.live_model()
    assert live is not None
    assert (live.version, live.dim, live.vectors_table) == (first.id, 2, first.vectors_table)
    assert state(first) == State.LIVE


def test_promoting_a_second_version_leaves_the_first_ready():
    first, second = version(), version()

    versions.promote(first.id)
    versions.promote(second.id)

    assert (state(first), state(second)) == (State.READY, State.LIVE)


def test_rolling_back_and_forth_moves_between_the_last_two():
    first, second = version(), version()
    versions.promote(first.id)
    versions.promote(second.id)

    assert versions.rollback() == first.id
    assert (state(first), state(second)) == (State.LIVE, State.READY)
    assert versions.rollback() == second.id
    assert (state(first), state(second)) == (State.READY, State.LIVE)


def test_promoting_what_is_live_changes_nothing():
    first, second = version(), version()
    versions.promote(first.id)
    versions.promote(second.id)

    versions.promote(second.id)

    assert LivePointer.objects.get().previous_id == first.id


@pytest.mark.parametrize("unfit", [State.BUILDING, State.FAILED, State.RETIRED])
def test_only_a_ready_version_can_be_promoted(unfit):
    with pytest.raises(versions.NotPromotable, match=unfit):
        versions.promote(version(unfit).id)


def test_rolling_back_without_an_earlier_version_is_refused():
    versions.promote(version().id)

    with pytest.raises(versions.NotPromotable, match="no earlier version"):
        versions.rollback()


def test_retiring_keeps_the_live_and_the_previous_version():
    oldest, previous, live = version(), version(), version()
    for made in (oldest, previous, live):
        artifacts.save(made.id, "user", b"weights")
        versions.promote(made.id)

    assert versions.retire() == [oldest.id]

    assert [state(made) for made in (oldest, previous, live)] == [State.RETIRED, State.READY, State.LIVE]
    assert [has_table(made) for made in (oldest, previous, live)] == [False, True, True]
    assert [made.artifacts.count() for made in (oldest, previous, live)] == [0, 1, 1]


def test_retiring_clears_what_failed_but_not_what_is_being_built():
    failed, building = version(State.FAILED), version(State.BUILDING)

    versions.retire()

    assert (has_table(failed), has_table(building)) == (False, True)
    assert (state(failed), state(building)) == (State.FAILED, State.BUILDING)


def test_nothing_has_to_drain_where_the_pointer_moved_once_since_long_ago():
    first, second = version(), version()
    versions.promote(first.id)
    versions.promote(second.id)

    # The first one may be asked still, but stays.
    assert versions.until_drained_s() == 0


def test_a_version_that_served_a_moment_ago_is_retired_only_once_nobody_asks_it(time_machine):
    time_machine.move_to(CUTOFF, tick=False)
    first, bad, better = version(), version(), version()
    versions.promote(first.id)
    versions.promote(bad.id)
    versions.rollback()
    versions.promote(better.id)

    assert versions.until_drained_s() == versions.DRAINED_AFTER_S
    time_machine.shift(versions.DRAINED_AFTER_S)
    assert versions.until_drained_s() == 0
    assert versions.retire() == [bad.id]


def test_a_version_that_is_about_to_be_promoted_is_not_retired():
    first, second, next_one = version(), version(), version()
    versions.promote(first.id)
    versions.promote(second.id)

    assert versions.retire() == []

    assert state(next_one) == State.READY


def test_within_a_second_the_database_is_asked_once(django_assert_num_queries):
    versions.promote(version().id)

    with django_assert_num_queries(1):
        versions.live_model()
        versions.live_model()


def test_a_version_that_an_experiment_serves_is_not_retired():
    oldest, *others = version(), version(), version()
    for made in (oldest, *others):
        versions.promote(made.id)
    experiment = run_experiment("towers", b={"model_version": oldest.id})

    assert versions.retire() == []
    assert versions.model_by_version(oldest.id).version == oldest.id

    stop(experiment.pk, by="ada", why="Enough.", now=CUTOFF)
    assert versions.retire() == [oldest.id]
    forget_live_model()
    assert versions.model_by_version(oldest.id) is None
