"""An answer as JSON, built straight from arrays: a serializer per candidate would cost more than retrieval."""

from collections.abc import Mapping
from dataclasses import asdict
from json.encoder import encode_basestring as quoted
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.answer import Answer
from retrieval.reasons import chosen_behind, names_seed, reason_text
from retrieval.types import Pool, Scores, SourceReport

_NO_RANK = np.iinfo(np.int32).max


def answer_body(answer: Answer, *, fields: str, explain: bool) -> dict[str, Any]:
    """The whole document; `fields` is "full" or "ids"."""
    candidates = {"item_ids": item_ids(answer)} if fields == "ids" else {"candidates": candidate_list(answer)}
    used = answer.cache
    body: dict[str, Any] = {
        "request_id": answer.request_id,
        "cache": {
            "level": used.level,
            "age_s": round(used.age_s, 1),
            "stale": used.stale,
            "unfiltered": used.unfiltered,
            "ready": False,
        },
        "user_id": answer.user,
        "known_user": answer.known_user,
        "k": answer.asked,
        "count": len(answer.pool),
        "shortfall": answer.shortfall or None,
        **candidates,
        "degraded": list(answer.degraded),
        "sources": [_report(report) for report in answer.reports],
        "versions": {
            "mix": answer.mix_revision,
            "model": answer.model_version,
            "history": answer.history_version,
        },
        "arms": dict(answer.arms),
        "shares": _shares(answer),
        "diversity": dict(answer.diversity),
        "cold_start": asdict(answer.cold_start) if answer.cold_start else None,
    }
    if explain:
        body["explain"] = {"dropped": dict(answer.dropped), "timings_ms": dict(answer.timings_ms)}
    return body


def _shares(answer: Answer) -> dict[str, Any] | None:
    """Which shares of the mix's sources chance chose."""
    if answer.draw is None:
        return None
    return {
        "arm": answer.draw.arm,
        "segment": answer.draw.segment,
        "propensity": answer.draw.propensity,
    }


def half_written(body: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its candidates, nearly all of it, as JSON already: to be written out more than once."""
    return (
        {**body, "item_ids": orjson.Fragment(orjson.dumps(body["item_ids"]))}
        if "item_ids" in body
        else {**body}
    )


def ready_tail(body: Mapping[str, Any]) -> bytes:
    """The document's JSON as `retrieval.ready` keeps it: what begins behind the request id and the cache. The
    sources do not run for those who are given it."""
    rest = {name: value for name, value in body.items() if name not in {"request_id", "cache"}}
    return orjson.dumps({**rest, "sources": []})[1:]


def _report(report: SourceReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "outcome": report.outcome,
        "asked": report.asked,
        "found": report.found,
        "ms": round(report.ms, 2),
        "started_ms": round(report.started_ms, 2),
        "detail": report.detail,
    }


def item_ids(answer: Answer) -> list[str]:
    """External ids, best first."""
    external = answer.facts.external_ids
    return [external[row] for row in answer.facts.rows_of(answer.pool.item_ids).tolist()]


def candidate_list(answer: Answer) -> orjson.Fragment:
    """One object per candidate, best first: the item, its score, every source that proposed it, and why.

    Written as text: a dictionary for each and another for each source of each would take twice as long.
    """
    pool, facts = answer.pool, answer.facts
    listed = [
        f'{{"item_id":{quoted(facts.external_ids[row])},"title":{quoted(facts.titles[row])},'
        f'"score":{score},"sources":[{places}],"reason":{reason}}}'
        for row, score, places, reason in zip(
            facts.rows_of(pool.item_ids).tolist(),
            _numbers(short(pool.scores)),
            _source_places(pool),
            _reasons(answer),
            strict=True,
        )
    ]
    # Where chance had a say; whoever reports impressions sends it along.
    for placement in answer.placements:
        place = placement.position - 1
        listed[place] = f'{listed[place][:-1]},"propensity":{placement.propensity!r}}}'
    return orjson.Fragment(f"[{','.join(listed)}]".encode())


def source_places(pool: Pool) -> list[orjson.Fragment]:
    """Per candidate every source that proposed it, with its rank and score there."""
    return [orjson.Fragment(f"[{places}]") for places in _source_places(pool)]


def _source_places(pool: Pool) -> list[str]:
    """The elements of each candidate's list."""
    places = [""] * len(pool)
    for column, source in enumerate(pool.sources):
        proposed = np.flatnonzero(pool.ranks[:, column])
        ranks = pool.ranks[proposed, column].tolist()
        scores = _numbers(short(pool.source_scores[proposed, column]))
        begins = f'{{"name":{quoted(source)},"rank":'
        for row, rank, score in zip(proposed.tolist(), ranks, scores, strict=True):
            before = places[row]
            said = f'{begins}{rank},"score":{score}}}'
            places[row] = f"{before},{said}" if before else said
    return places


def _numbers(values: NDArray[np.float64]) -> list[str]:
    """Each as JSON has it."""
    return orjson.dumps(values.tolist())[1:-1].decode().split(",") if len(values) else []


def _reasons(answer: Answer) -> list[str]:
    """Per candidate what the source that ranked it best says, as JSON; one text for all of the same seed and
    interest."""
    pool = answer.pool
    if not len(pool):
        return []
    best = np.where(pool.ranks > 0, pool.ranks, _NO_RANK).argmin(axis=1)
    seeds = pool.seeds[np.arange(len(pool)), best]
    chosen = [""] * len(pool)
    if answer.chosen:
        pairs = zip(pool.item_ids.tolist(), seeds.tolist(), strict=True)
        chosen = [chosen_behind(answer.chosen, item_id, seed) for item_id, seed in pairs]
    made: dict[tuple[int, int, str], str] = {}
    reasons: list[str] = []
    for which in zip(best.tolist(), seeds.tolist(), chosen, strict=True):
        if which not in made:
            made[which] = orjson.dumps(_reason(answer, *which)).decode()
        reasons.append(made[which])
    return reasons


def _reason(answer: Answer, column: int, seed: int, chosen: str) -> Mapping[str, Any]:
    name, facts = answer.pool.sources[column], answer.facts
    row = -1
    # Only a source that names its seed has items for seeds; another's may be users.
    if seed > 0 and names_seed(name):
        row = int(facts.rows_of(np.array([seed]))[0])
    chosen = chosen if names_seed(name) else ""
    # What was chosen is the reason, not the item that stands for it.
    named = row >= 0 and not chosen
    known = {"item_id": facts.external_ids[row], "title": facts.titles[row]} if named else None
    text = reason_text(name, facts.titles[row] if named else "", seed=seed, chosen=chosen)
    return {"source": name, "text": text, "seed": known, "interest": chosen or None}


def short(scores: Scores) -> NDArray[np.float64]:
    """The scores at 7 significant digits: as exact as float32, in half the characters."""
    wide = scores.astype(np.float64)
    with np.errstate(divide="ignore"):
        magnitude = np.floor(np.log10(np.abs(wide)))
    digits = np.power(10.0, 6 - np.where(np.isfinite(magnitude), magnitude, 0))
    rounded: NDArray[np.float64] = np.rint(wide * digits) / digits
    return rounded


def server_timing(timings_ms: Mapping[str, float]) -> str:
    """The Server-Timing header: every stage in order, in milliseconds."""
    return ", ".join(f"{stage};dur={ms:.2f}" for stage, ms in timings_ms.items())
