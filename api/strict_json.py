"""JSON as RFC 8259 has it, without what a store or another parser would read differently."""

import json
import math
import re
from collections.abc import Iterator

_NUL = b"\\u0000"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class MalformedJSON(Exception):
    """The body is refused as a whole; `field` is the dotted path to the culprit, empty where unknown."""

    def __init__(self, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


def loads(body: bytes, *, max_depth: int) -> object:
    """The value, with integers kept exactly. Raises MalformedJSON for anything that is not plain JSON in UTF-8,
    for duplicate keys, numbers beyond a double, NUL characters, lone surrogates, and more than `max_depth`
    levels."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJSON("not_utf8", f"The body is not UTF-8: byte {error.start}.") from None
    infinite: list[str] = []

    def number(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            infinite.append(digits)
        return value

    try:
        value: object = json.loads(text, object_pairs_hook=_unique, parse_float=number, parse_constant=number)
    except RecursionError:
        raise _too_deep(max_depth) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedJSON("not_json", f"The body is not JSON: {error.msg} at {where}.") from None
    except ValueError:  # Python converts no integer of more than 4300 digits
        raise MalformedJSON("number_too_long", "The body has a number with too many digits.") from None
    _check_depth(value, max_depth)
    if infinite:
        raise MalformedJSON(
            "not_finite", f"{infinite[0][:20]} is not a finite number.", _path_of_infinite(value)
        )
    # Raw control characters are no JSON, so an escape is the only way in; most bodies have none.
    if _NUL in body or _SURROGATE.search(body):
        _check_text(value)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedJSON("duplicate_key", f"The key {name[:100]!r} comes twice in one object.", name[:100])
    return result


def _check_depth(value: object, max_depth: int) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(max_depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise _too_deep(max_depth)


def _too_deep(max_depth: int) -> MalformedJSON:
    return MalformedJSON("too_deep", f"The body is nested more than {max_depth} levels deep.")


def _path_of_infinite(value: object) -> str:
    for path, leaf in _leaves(value):
        if isinstance(leaf, float) and not math.isfinite(leaf):
            return path
    return ""


def _check_text(value: object) -> None:
    for path, leaf in _leaves(value):
        if not isinstance(leaf, str):
            continue
        if "\x00" in leaf:
            raise MalformedJSON("nul_character", "Text must not contain the NUL character.", path)
        if not leaf.isascii() and any("\ud800" <= character <= "\udfff" for character in leaf):
            raise MalformedJSON("lone_surrogate", "Text must not contain half of a surrogate pair.", path)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every scalar with its dotted path; keys count as scalars of their object's path."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield path, key
            yield from _leaves(child, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{path}.{index}" if path else str(index))
    else:
        yield path, value
