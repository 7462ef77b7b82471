import numpy as np
import torch

from retrieval.encoder import ItemEncoder, UserEncoder
from retrieval.towers.batches import read_all, sparse_rows
from retrieval.towers.config import TowerConfig
from retrieval.towers.export import item_artifact, user_artifact
from retrieval.towers.features import as_torch, item_bags, user_tokens
from retrieval.towers.network import Towers
from tests.towers.worlds import two_islands

DATA = two_islands()
CONFIG = TowerConfig(dim=16)
TOKEN_KEYS, ITEM_BAGS = item_bags(DATA, limit=1000)
TOKENS = user_tokens(DATA, CONFIG)


def towers() -> Towers:
    return Towers(item_bags=ITEM_BAGS, profile_tokens=len(TOKENS.keys), dim=16, seed=1)


@torch.no_grad()
def test_a_user_is_the_same_in_torch_and_in_numpy():
    network = towers()
    _, history = network.items()
    rows, shares = read_all(DATA, CONFIG.pooling, limit=CONFIG.history_limit)
    users = DATA.user_index[rows].astype(np.int64)
    read = as_torch(
        sparse_rows(users, DATA.item_index[rows].astype(np.int64), shares, (DATA.n_users, DATA.n_items))
    )
    in_torch = network.users(read, history, TOKENS.of(np.arange(DATA.n_users)))[7].numpy()

    encoder = UserEncoder.from_artifact(user_artifact(network, TOKENS, CONFIG, DATA))
    mine = rows[users == 7]
    in_numpy = encoder.encode(
        history.numpy()[DATA.item_index[mine]],
        DATA.weight[mine],
        np.zeros(len(mine), np.float32),
        DATA.profiles()[7],
    )

    np.testing.assert_allclose(in_numpy, in_torch, atol=1e-5)


@torch.no_grad()
def test_an_item_without_an_id_is_the_same_in_torch_and_in_numpy():
    network = towers()
    vectors, history = network.items(torch.zeros(DATA.n_items, 1))

    encoder = ItemEncoder.from_artifact(item_artifact(network, CONFIG, TOKEN_KEYS, DATA))
    from_content, history_from_content = encoder.encode(DATA.item_features())

    np.testing.assert_allclose(from_content, vectors.numpy(), atol=1e-5)
    np.testing.assert_allclose(history_from_content, history.numpy(), atol=1e-5)
