from datetime import UTC, date, datetime

import pytest

from catalog.imports.cells import BadCell, Cells
from catalog.imports.users import age_group


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("-8949113594875411859", "-8949113594875411859"),
        (-8949113594875411859, "-8949113594875411859"),
        (18446744073709551615, "18446744073709551615"),
        ("007", "007"),
        ("1.0", "1.0"),
    ],
)
def test_an_id_is_kept_exactly(cell: object, kept: str):
    assert Cells({"user_id": cell}).required_id("user_id") == kept


@pytest.mark.parametrize("cell", [1.0, 1.8446744073709552e19, True, ["1"], {"id": 1}])
def test_what_may_have_lost_digits_is_no_id(cell: object):
    with pytest.raises(BadCell, match="user_id: An id is text or a whole number"):
        Cells({"user_id": cell}).required_id("user_id")


@pytest.mark.parametrize("cells", [{}, {"user_id": None}])
def test_a_missing_id_is_named(cells: dict[str, object]):
    with pytest.raises(BadCell, match="user_id: Missing"):
        Cells(cells).required_id("user_id")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-20T08:00:00Z",
        "2026-11-20T09:00:00+01:00",
        "2026-11-20 08:00:00",
        1795161600,
        1795161600.0,
        "1795161600",
        datetime(2026, 11, 20, 8),
        datetime(2026, 11, 20, 8, tzinfo=UTC),
    ],
)
def test_a_moment_can_be_written_in_many_ways(cell: object):
    assert Cells({"at": cell}).moment("at") == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["1995-01-01", date(1995, 1, 1)])
def test_a_date_is_its_first_moment(cell: object):
    assert Cells({"at": cell}).moment("at") == datetime(1995, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["yesterday", "nan", "1e99", 1e99, True, [], "2026-13-01"])
def test_what_is_no_moment_is_named(cell: object):
    with pytest.raises(BadCell, match="at: Neither"):
        Cells({"at": cell}).moment("at")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("snow|coen", ("snow", "coen")),
        (" snow || visual kei ", ("snow", "visual kei")),
        (["a", "b|c"], ("a", "b|c")),
        ("", ()),
        (None, None),
    ],
)
def test_words_are_a_list_or_joined(cell: object, words: tuple[str, ...] | None):
    assert Cells({"tags": cell}).words("tags") == words


@pytest.mark.parametrize(
    ("cell", "flag"),
    [("true", True), ("0", False), (True, True), (0, False), ("No", False), (None, None)],
)
def test_flags_can_be_written_in_many_ways(cell: object, flag: bool | None):
    assert Cells({"active": cell}).flag("active") is flag


@pytest.mark.parametrize("cell", ["perhaps", 2, 1.0, []])
def test_what_is_no_flag_is_named(cell: object):
    with pytest.raises(BadCell, match="active"):
        Cells({"active": cell}).flag("active")


def test_what_nobody_took_is_the_rest():
    cells = Cells({"user_id": 1, "gender": "F", "since": date(2020, 1, 2), "attributes": '{"zip": "94043"}'})
    cells.required_id("user_id")

    assert cells.rest() == {"zip": "94043", "gender": "F", "since": "2020-01-02"}
    assert cells.rest() is None


@pytest.mark.parametrize("cell", ["[1]", "nonsense", [1]])
def test_attributes_are_an_object(cell: object):
    with pytest.raises(BadCell, match="attributes: Not a JSON object"):
        Cells({"attributes": cell}).rest()


@pytest.mark.parametrize(
    ("age", "group"),
    [(0, "0-17"), (17.9, "0-17"), (18, "18-24"), (24, "18-24"), (25, "25-34"), (64, "55-64"), (65, "65+")],
)
def test_ages_become_groups(age: float, group: str):
    assert age_group(age) == group


@pytest.mark.parametrize("age", [-1, 150, float("nan")])
def test_nobody_has_such_an_age(age: float):
    with pytest.raises(ValueError, match="Nobody's age"):
        age_group(age)
