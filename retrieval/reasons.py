"""Why a candidate is here, in words for people."""

from retrieval.source import all_sources


def reason_text(source_name: str, seed_title: str, *, chosen: str = "") -> str:
    """The source's sentence, with the seed's title where it has one and there is one. chosen: the interest that the
    seed stands for, where the user did nothing with the seed but chose that."""
    source = all_sources().get(source_name)
    if source is None:
        return ""
    if "{seed}" not in source.reason:
        return source.reason
    if chosen:
        return f"because you chose {chosen}"
    return source.reason.format(seed=seed_title or "something like it")
