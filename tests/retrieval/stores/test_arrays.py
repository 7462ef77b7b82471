import numpy as np
import psycopg
import pytest

from retrieval.arrays import register_array_loaders
from retrieval.sql import hot_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "array",
    [
        np.array([-(2**63), 0, 2**63 - 1]),
        np.array([], np.int64),
        np.array([0.1, -np.inf, 3e38], np.float32),
        np.array([0.1, 1e300], np.float64),
        np.arange(10)[::3],
    ],
)
def test_an_array_comes_back_as_it_was_sent(array):
    with hot_connection(None) as connection, connection.cursor() as cursor:
        register_array_loaders(cursor)

        [(back,)] = cursor.execute("SELECT %s", [array]).fetchall()

    assert back.dtype == array.dtype
    assert back.tolist() == array.tolist()


def test_arrays_of_different_kinds_can_share_a_statement():
    with hot_connection(None) as connection:
        row = connection.execute(
            "SELECT %s, %s, %s", [np.array([1]), np.array([0.5], np.float32), np.array([2.5])]
        ).fetchone()

    assert row == ([1], [0.5], [2.5])


def test_the_server_makes_a_vector_of_floats():
    with hot_connection(None) as connection:
        query = "SELECT (%s::halfvec <#> '[1, 2]'::halfvec)"

        assert connection.execute(query, [np.array([3, 4], np.float32)]).fetchone() == (-11.0,)


@pytest.mark.parametrize("array", [np.array([1], np.int32), np.array([[1, 2]])])
def test_other_arrays_are_refused(array):
    with hot_connection(None) as connection, pytest.raises(psycopg.DataError):
        connection.execute("SELECT %s", [array])
