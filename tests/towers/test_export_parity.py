import dataclasses

import pytest

from retrieval.encoder import ItemEncoder, UserEncoder
from retrieval.towers.config import TowerConfig
from retrieval.towers.export import item_artifact, user_artifact
from retrieval.towers.features import item_bags, user_tokens
from retrieval.towers.network import Towers
from retrieval.towers.parity import export_parity
from tests.towers.worlds import two_islands

DATA = two_islands()
CONFIG = TowerConfig(dim=16)
TOKEN_KEYS, ITEM_BAGS = item_bags(DATA, limit=1000)
TOKENS = user_tokens(DATA, CONFIG)
TOWERS = Towers(item_bags=ITEM_BAGS, profile_tokens=len(TOKENS.keys), dim=16, seed=1)
USER = user_artifact(TOWERS, TOKENS, CONFIG, DATA)
ITEM = item_artifact(TOWERS, CONFIG, TOKEN_KEYS, DATA)


def parity(*, user: bytes = USER, item: bytes = ITEM) -> float:
    return export_parity(TOWERS, DATA, CONFIG, TOKENS, user_artifact=user, item_artifact=item)


def test_a_true_export_agrees():
    assert parity() <= 1e-5


def test_a_changed_user_tower_is_seen():
    encoder = UserEncoder.from_artifact(USER)

    assert parity(user=dataclasses.replace(encoder, bias=encoder.bias + 1).to_artifact()) > 0.01


@pytest.mark.parametrize("part", ["token_vectors", "token_history"])
def test_a_changed_item_tower_is_seen(part):
    encoder = ItemEncoder.from_artifact(ITEM)

    changed = dataclasses.replace(encoder, **{part: getattr(encoder, part) + 1})

    assert parity(item=changed.to_artifact()) > 0.01
