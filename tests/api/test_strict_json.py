import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.strict_json import MalformedJSON, loads


def refusal(body: bytes, max_depth: int = 8) -> tuple[str, str]:
    """The code and the field of the refusal."""
    with pytest.raises(MalformedJSON) as caught:
        loads(body, max_depth=max_depth)
    return caught.value.code, caught.value.field


def test_integers_of_any_size_keep_their_digits():
    assert loads(b"[18446744073709551617, -9223372036854775809]", max_depth=8) == [
        18446744073709551617,
        -9223372036854775809,
    ]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
def test_a_number_that_no_double_holds_is_refused_where_it_stands(number):
    body = b'{"events": [{"value": 1.5}, {"value": ' + number + b"}]}"

    assert refusal(body) == ("not_finite", "events.1.value")


def test_an_endless_integer_is_refused():
    assert refusal(b"[" + b"9" * 5000 + b"]") == ("number_too_long", "")


def test_a_key_that_comes_twice_is_refused_by_name():
    assert refusal(b'[{"k": 1, "user": 2, "k": 3}]') == ("duplicate_key", "k")


def test_a_nul_character_is_refused_where_it_stands():
    assert refusal(b'{"tags": ["a", "b\\u0000"]}') == ("nul_character", "tags.1")


def test_a_nul_character_in_a_key_is_refused():
    assert refusal(b'{"a": {"b\\u0000": 1}}') == ("nul_character", "a")


def test_half_of_a_surrogate_pair_is_refused_where_it_stands():
    assert refusal(b'{"title": "\\ud83d"}') == ("lone_surrogate", "title")


def test_a_whole_surrogate_pair_is_a_character():
    assert loads(b'"\\ud83d\\ude00"', max_depth=8) == "\N{GRINNING FACE}"


def test_an_escaped_backslash_before_u0000_is_plain_text():
    assert loads(b'"\\\\u0000"', max_depth=8) == "\\u0000"


def test_bytes_that_are_not_utf8_are_refused():
    assert refusal(b'{"a": "\xff"}') == ("not_utf8", "")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b'{"a": 1,}', b"[1] 2", b'"\x01"', b"\xef\xbb\xbf{}"]
)
def test_what_is_not_json_is_refused(body):
    assert refusal(body) == ("not_json", "")


def test_the_deepest_body_allowed_is_read():
    assert loads(b"[[[1]]]", max_depth=3) == [[[1]]]


def test_one_level_more_is_refused():
    assert refusal(b"[[[[1]]]]", max_depth=3) == ("too_deep", "")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_bottomless_body_is_refused(opening):
    assert refusal(opening * 200_000) == ("too_deep", "")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_plain_json_comes_back_as_it_was(value):
    assert loads(json.dumps(value).encode(), max_depth=50) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    with suppress(MalformedJSON):
        loads(body, max_depth=8)
