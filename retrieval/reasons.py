"""Why a candidate is here, in words for people."""

from collections.abc import Mapping

from retrieval.source import SpeaksOfAll, all_sources


def chosen_behind(chosen: Mapping[int, str], item_id: int, seed: int) -> str:
    """The interest that led to a candidate: what it stands for itself, else what its seed stands for; "" for none.

    chosen: the interest's name by item, as an answer has it."""
    return chosen.get(item_id, "") or chosen.get(seed, "")


def names_seed(source_name: str) -> bool:
    """Whether the source's candidates come of an item or an interest that its reason names."""
    source = all_sources().get(source_name)
    return source is not None and "{seed}" in source.reason


def reason_text(source_name: str, seed_title: str, *, seed: int = 0, chosen: str = "") -> str:
    """The source's sentence, with the seed's title where it has one and there is one. seed: 0 for none;
    chosen: the interest that the seed stands for, where the user did nothing with the seed but chose that."""
    source = all_sources().get(source_name)
    if source is None:
        return ""
    if not seed and isinstance(source, SpeaksOfAll):
        return source.reason_unseeded
    if not names_seed(source_name):
        return source.reason
    if chosen:
        return f"because you chose {chosen}"
    return source.reason.format(seed=seed_title or "something like it")
