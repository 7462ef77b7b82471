import gzip
from pathlib import Path

import pytest

from catalog.imports import KINDS, BadRow, ImportFileError, Options, import_rows, open_source
from catalog.models import User
from tests.catalog.people import NOW

pytestmark = pytest.mark.django_db
USERS = KINDS["users"]


def test_batches_of_any_size_give_the_same_answer(tmp_path: Path):
    path = tmp_path / "u.csv"
    path.write_text("user_id,age\n1,20\n,20\n3,old\n4,20\n1,30\n")
    bad: list[BadRow] = []

    counts = import_rows(USERS, open_source(path, ()), Options(NOW), on_bad=bad.append, batch_rows=2)

    assert counts == {"created": 2, "updated": 1, "rejected": 2}
    assert bad == [BadRow(3, "user_id", "Missing."), BadRow(4, "age", "Not a number.")]
    assert User.objects.get(external_id="1").age_group == "25-34"


def test_each_batch_is_reported_when_it_has_landed(tmp_path: Path):
    path = tmp_path / "u.csv"
    path.write_text("user_id\n" + "".join(f"{n}\n" for n in range(5)))
    landed: list[int] = []

    import_rows(
        USERS,
        open_source(path, ()),
        Options(NOW),
        on_bad=lambda _: None,
        on_batch=lambda: landed.append(User.objects.count()),
        batch_rows=2,
    )

    assert landed == [2, 4, 5]


def test_an_import_that_was_cut_short_goes_on_by_running_again(tmp_path: Path):
    # Digits of powers: nothing that gzip could make so small that half a file is no file.
    lines = "user_id\n" + "".join(f"{pow(7, n, 10**9 + 7)}\n" for n in range(1, 20_001))
    packed = gzip.compress(lines.encode())
    path = tmp_path / "u.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])

    with pytest.raises(ImportFileError, match="damaged"):
        import_rows(USERS, open_source(path, ()), Options(NOW), on_bad=lambda _: None, batch_rows=1_000)
    landed = User.objects.count()
    path.write_bytes(packed)
    counts = import_rows(USERS, open_source(path, ()), Options(NOW), on_bad=lambda _: None)

    assert 0 < landed < 20_000
    assert counts == {"unchanged": landed, "created": 20_000 - landed}
