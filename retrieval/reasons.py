"""Why a candidate is here, in words for people."""

from retrieval.source import all_sources


def reason_text(source_name: str, seed_title: str) -> str:
    """The source's sentence, with the seed's title where it has one and there is one."""
    source = all_sources().get(source_name)
    if source is None:
        return ""
    if "{seed}" not in source.reason:
        return source.reason
    return source.reason.format(seed=seed_title or "something like it")
