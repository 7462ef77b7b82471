"""Trained towers as artifacts that the request path reads in numpy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import ItemEncoder, UserEncoder
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.features import UserTokens
from retrieval.towers.network import Towers


def manifest(config: TowerConfig, data: TrainingData) -> dict[str, Any]:
    return {
        "dim": config.dim,
        "seed": config.seed,
        "history_limit": config.history_limit,
        "data_cutoff_s": int(data.occurred_at_s.max(initial=0)),
        "events": len(data),
        "items": data.n_items,
    }


def user_artifact(towers: Towers, tokens: UserTokens, config: TowerConfig, data: TrainingData) -> bytes:
    """Every request is as young as an example can be, so that age's vector is part of the bias."""
    bias, profiles = towers.user_bias.detach().numpy(), towers.profile_vectors.detach().numpy()
    return UserEncoder(
        pooling=config.pooling,
        bias=bias + profiles[tokens.ages[:1]].sum(axis=0),
        profile_keys=tokens.keys,
        profile_vectors=profiles,
        manifest=manifest(config, data),
    ).to_artifact()


def item_artifact(
    towers: Towers, config: TowerConfig, token_keys: NDArray[np.int64], data: TrainingData
) -> bytes:
    pooled = {}
    if towers.neighborhood is not None:
        by_tag, history_by_tag = (table.detach().numpy() for table in towers.of_tags())
        keys = towers.neighborhood.tag_keys
        pooled = {"tag_keys": keys, "tag_pooled": by_tag, "tag_history": history_by_tag}
    return ItemEncoder(
        token_keys=token_keys,
        token_vectors=towers.token_vectors.detach().numpy(),
        token_history=towers.token_history.detach().numpy(),
        bias=towers.item_bias.detach().numpy(),
        **pooled,
        manifest=manifest(config, data),
    ).to_artifact()
