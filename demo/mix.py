"""The mix that the demo serves with, where none is published yet."""

import copy

from retrieval.mixes import DEFAULT_BODY, create_revision, publish, shipped_body
from retrieval.models import PublishedMix

_SOCIAL_WINDOW_S = 7 * 86_400


def publish_demo_mix() -> bool:
    """True where it was published; False where another is, which stays."""
    if PublishedMix.objects.exists():
        return False
    body = copy.deepcopy(DEFAULT_BODY)
    for source in body["sources"]:
        if source["name"] == "social":
            source["options"] = {"window_s": _SOCIAL_WINDOW_S}
    note = (
        "The default mix, with a week of friends' actions: eleven people were active on MovieLens' last day."
    )
    publish(create_revision(shipped_body(body), note=note, author="demo").number, by="demo")
    return True
