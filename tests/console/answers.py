"""An answer small enough to check by eye: four films, two sources.

place  film     left  right
1      Fargo       1      2
2      Heat        2      –
3      Alien       –      1
4      Ran         4      3
"""

from dataclasses import replace
from typing import Any

import numpy as np

from retrieval.answer import Answer, CacheUse
from retrieval.facts import Coded, CodedSets, ItemFacts
from retrieval.types import Pool, SourceReport

FARGO, HEAT, ALIEN, RAN, SEED = 1, 2, 3, 4, 9

FACTS = ItemFacts(
    item_ids=np.array([FARGO, HEAT, ALIEN, RAN, SEED], np.int64),
    external_ids=["fargo", "heat", "alien", "ran", "seed"],
    titles=["Fargo (1996)", "Heat", "Alien", "Ran", "Blood Simple"],
    active=np.ones(5, np.bool_),
    category=Coded.of(["Crime", "Crime", "Horror", "War", "Crime"]),
    creator_ids=np.zeros(5, np.int64),
    creator_external_ids=Coded.of([""] * 5),
    languages=Coded.of(["en"] * 5),
    tags=CodedSets.of([("Crime", "Drama"), ("Crime",), ("Horror", "Sci-Fi"), ("War",), ("Crime",)]),
    published_at_s=np.array([0, 820_454_400, 0, 0, 0], np.int64),
)
POOL = Pool(
    sources=("left", "right"),
    item_ids=np.array([FARGO, HEAT, ALIEN, RAN], np.int64),
    scores=np.array([0.9, 0.8, 0.7, 0.6], np.float32),
    ranks=np.array([[1, 2], [2, 0], [0, 1], [4, 3]], np.int32),
    source_scores=np.array([[5, 0.5], [4, 0], [0, 0.7], [1, 0.1]], np.float32),
    seeds=np.array([[SEED, 0], [SEED, 0], [0, 0], [SEED, 0]], np.int64),
)
ANSWER = Answer(
    request_id="r1",
    user="alice",
    known_user=True,
    asked=4,
    pool=POOL,
    facts=FACTS,
    dropped={"inactive": 1, "seen": 6},
    shortfall="",
    degraded=(),
    reports=(
        SourceReport("left", "ok", asked=5, found=5, ms=10.0, started_ms=4.0),
        SourceReport("right", "ok", asked=5, found=4, ms=4.0, started_ms=4.0),
    ),
    cache=CacheUse(),
    timings_ms={"context": 2.0, "cache": 1.0, "sources": 12.0, "filters": 3.0, "total": 20.0},
    mix_revision=1,
    model_version=0,
    history_version=3,
    arms={},
    diversity={"intra_list_diversity": 0.5, "categories": 3.0},
)


def an_answer(**changes: Any) -> Answer:
    return replace(ANSWER, **changes)
