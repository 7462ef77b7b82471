from pathlib import Path

import pytest

from demo.movielens import MovieLens, read_movielens
from tests.demo.small_movielens import write_wheel


@pytest.fixture
def movielens(tmp_path: Path) -> MovieLens:
    return read_movielens(write_wheel(tmp_path))
