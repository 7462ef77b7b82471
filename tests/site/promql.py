"""So much of PromQL as our rules use, over a few scrapes: selectors, rate, aggregation, arithmetic, and/or, absent.

As Prometheus has it, but for the extrapolation at a window's ends: a rate is what was added between the first and the
last scrape of the window, by the time between them. Raises ValueError for anything else, rather than guess.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Value = Vector | float
_TOKEN = re.compile(r'\s*(=~|!=|>=|<=|==|"[^"]*"|\d+(?:\.\d+)?[smhd]|\d+(?:\.\d+)?|\w+|[-+*/(){}\[\],=<>])')
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else float("nan"),
}
_COMPARISON = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq}
_AGGREGATION: dict[str, Callable[[list[float]], float]] = {"sum": sum, "max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Scrape:
    at_s: float
    samples: Mapping[str, Vector]

    @classmethod
    def of(cls, text: str, *, at_s: float) -> "Scrape":
        samples: dict[str, Vector] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
        return cls(at_s, samples)


def holds(expression: str, scrapes: list[Scrape]) -> Vector:
    """The labels for which it is true at the last scrape; empty: an alert by it would be silent."""
    reader = _Reader(expression, scrapes)
    found = reader.either()
    reader.end()
    assert isinstance(found, dict), "a rule is about series"
    return found


class _Reader:
    def __init__(self, text: str, scrapes: list[Scrape]) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s", "", text) and '"' not in text:
            raise ValueError(text)
        self._at, self._scrapes = 0, scrapes

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise ValueError(f"unread: {self._tokens[self._at :]}")

    def either(self) -> Value:
        left = self._both()
        while self._skip("or"):
            right = self._both()
            assert isinstance(left, dict)
            left = {**(right if isinstance(right, dict) else {frozenset(): right}), **left}
        return left

    def _both(self) -> Value:
        left = self._compared()
        while self._skip("and"):
            right = self._compared()
            assert isinstance(left, dict)
            assert isinstance(right, dict)
            left = {labels: value for labels, value in left.items() if labels in right}
        return left

    def _compared(self) -> Value:
        left = self._added()
        if self._peek() not in _COMPARISON:
            return left
        compare, right = _COMPARISON[self._next()], self._added()
        assert isinstance(left, dict)
        assert isinstance(right, float)
        return {labels: value for labels, value in left.items() if compare(value, right)}

    def _added(self) -> Value:
        left = self._multiplied()
        while self._peek() in {"+", "-"}:
            left = _combined(_ARITHMETIC[self._next()], left, self._multiplied())
        return left

    def _multiplied(self) -> Value:
        left = self._one()
        while self._peek() in {"*", "/"}:
            left = _combined(_ARITHMETIC[self._next()], left, self._one())
        return left

    def _one(self) -> Value:
        token = self._next()
        if token == "(":
            inner = self.either()
            self._take(")")
            return inner
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return float(token)
        if token in _AGGREGATION:
            return self._aggregated(_AGGREGATION[token])
        if self._peek() == "(":
            return self._called(token)
        return self._selected(token, self._scrapes[-1])

    def _called(self, name: str) -> Value:
        self._take("(")
        if name == "time":
            found: Value = self._scrapes[-1].at_s
        elif name == "rate":
            found = self._rate()
        elif name == "vector":
            number = self.either()
            assert isinstance(number, float)
            found = {frozenset(): number}
        elif name == "absent":
            found = {} if self.either() else {frozenset(): 1.0}
        elif name == "histogram_quantile":
            share = self.either()
            self._take(",")
            buckets = self.either()
            assert isinstance(share, float)
            assert isinstance(buckets, dict)
            found = _quantile(share, buckets)
        else:
            raise ValueError(f"no function {name}")
        self._take(")")
        return found

    def _aggregated(self, how: Callable[[list[float]], float]) -> Value:
        kept: set[str] = set()
        if self._skip("by"):
            self._take("(")
            while not self._skip(")"):
                kept.add(self._next())
                self._skip(",")
        self._take("(")
        inner = self.either()
        self._take(")")
        assert isinstance(inner, dict)
        groups: dict[Labels, list[float]] = {}
        for labels, value in inner.items():
            groups.setdefault(frozenset(pair for pair in labels if pair[0] in kept), []).append(value)
        return {labels: how(values) for labels, values in groups.items()}

    def _rate(self) -> Vector:
        start, name = self._at, self._next()
        self._selected(name, self._scrapes[-1])
        after = self._at
        self._take("[")
        window = self._next()
        self._take("]")
        end = self._at
        since = self._scrapes[-1].at_s - float(window[:-1]) * _SECONDS[window[-1]]
        series: dict[Labels, list[tuple[float, float]]] = {}
        for scrape in self._scrapes:
            if scrape.at_s >= since:
                self._at = start + 1
                for labels, value in self._selected(name, scrape).items():
                    series.setdefault(labels, []).append((scrape.at_s, value))
        assert self._at == after
        self._at = end
        # One sample is no rate, just as in Prometheus.
        return {
            labels: (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
            for labels, points in series.items()
            if len(points) > 1
        }

    def _selected(self, name: str, scrape: Scrape) -> Vector:
        wanted: list[tuple[str, str, str]] = []
        if self._skip("{"):
            while not self._skip("}"):
                wanted.append((self._next(), self._next(), self._next().strip('"')))
                self._skip(",")
        return {
            labels: value
            for labels, value in scrape.samples.get(name, {}).items()
            if all(_fits(dict(labels).get(label, ""), sign, text) for label, sign, text in wanted)
        }

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _take(self, token: str) -> None:
        if not self._skip(token):
            raise ValueError(f"{token} expected before {self._tokens[self._at :]}")


def _fits(value: str, sign: str, text: str) -> bool:
    if sign == "=~":
        return re.fullmatch(text, value) is not None
    return (value == text) if sign == "=" else value != text


def _combined(how: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, float) and isinstance(right, float):
        return how(left, right)
    if isinstance(left, float):
        assert isinstance(right, dict)
        return {labels: how(left, value) for labels, value in right.items()}
    if isinstance(right, float):
        return {labels: how(value, right) for labels, value in left.items()}
    return {labels: how(value, right[labels]) for labels, value in left.items() if labels in right}


def _quantile(share: float, buckets: Vector) -> Vector:
    """Linear within a bucket; of the last, its lower bound."""
    counts = sorted((float(dict(labels)["le"]), value) for labels, value in buckets.items())
    if not counts or not counts[-1][1]:
        return {}
    wanted, below, before = share * counts[-1][1], 0.0, 0.0
    for bound, count in counts:
        if count >= wanted:
            inside = (wanted - before) / (count - before) if count > before else 0.0
            return {frozenset(): below if bound == float("inf") else below + (bound - below) * inside}
        below, before = bound, count
    return {}
