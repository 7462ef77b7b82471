from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from catalog.partitions import default_partition_rows, ensure_partitions, ensure_partitions_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FROM_NOVEMBER = [
    "catalog_interaction_y2026m11",
    "catalog_interaction_y2026m12",
    "catalog_interaction_y2027m01",
    "catalog_interaction_y2027m02",
]


def insert_event(event_id: str, occurred_at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_interaction (event_id, user_id, item_id, type_id, occurred_at, received_at)"
            " VALUES (%s, 1, 1, 1, %s, %s)",
            [event_id, occurred_at, occurred_at],
        )


def partition_of(event_id: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM catalog_interaction WHERE event_id = %s", [event_id]
        )
        return str(cursor.fetchall()[0][0])


@pytest.mark.django_db
def test_this_month_and_the_next_three_get_partitions():
    assert ensure_partitions(NOW) == FROM_NOVEMBER


@pytest.mark.django_db
def test_a_second_run_makes_nothing():
    ensure_partitions(NOW)

    assert ensure_partitions(NOW) == []


@pytest.mark.django_db
def test_the_first_and_last_instants_of_a_month_land_in_its_partition():
    ensure_partitions(NOW)

    insert_event("first", datetime(2026, 12, 1, tzinfo=UTC))
    insert_event("last", datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))

    assert partition_of("first") == partition_of("last") == "catalog_interaction_y2026m12"
    assert default_partition_rows() == 0


@pytest.mark.django_db
def test_rows_move_out_of_default_when_their_month_gets_its_partition():
    insert_event("now", NOW)
    insert_event("late", datetime(1997, 9, 22, tzinfo=UTC))
    assert default_partition_rows() == 2

    made = ensure_partitions(NOW)

    assert made == ["catalog_interaction_y1997m09", *FROM_NOVEMBER]
    assert partition_of("late") == "catalog_interaction_y1997m09"
    assert partition_of("now") == "catalog_interaction_y2026m11"
    assert default_partition_rows() == 0


@pytest.mark.django_db
def test_rows_in_default_are_counted_no_further_than_the_limit():
    insert_event("a", NOW)
    insert_event("b", NOW)

    assert default_partition_rows(limit=1) == 1


@pytest.mark.django_db
def test_old_data_gets_partitions_for_its_months_only():
    made = ensure_partitions_for(
        [
            datetime(2011, 5, 9, tzinfo=UTC),
            datetime(2011, 5, 30, tzinfo=UTC),
            datetime(2016, 3, 14, tzinfo=UTC),
        ]
    )

    assert made == ["catalog_interaction_y2011m05", "catalog_interaction_y2016m03"]


@pytest.mark.django_db
def test_a_new_partition_refuses_the_same_event_twice():
    ensure_partitions(NOW)
    insert_event("once", NOW)

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_interaction (event_id, user_id, item_id, type_id, occurred_at, received_at)"
            " VALUES ('once', 2, 2, 2, %s, %s) ON CONFLICT DO NOTHING",
            [NOW, NOW],
        )
        assert cursor.rowcount == 0


def ensure_in_a_thread() -> list[str]:
    try:
        return ensure_partitions(NOW)
    finally:
        connection.close()


@pytest.fixture
def _drop_partitions():
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join(FROM_NOVEMBER))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_drop_partitions")
def test_of_many_at_once_exactly_one_makes_each_partition():
    insert_event("now", NOW)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ensure_in_a_thread(), range(4)))

    assert sorted(made) == [[], [], [], FROM_NOVEMBER]
    assert partition_of("now") == "catalog_interaction_y2026m11"
