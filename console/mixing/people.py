"""Whom a preview is for: people who are named, or a sample that the same seed draws again."""

import re

import numpy as np
from django.db.models import Max, Min

from catalog.models import User, UserHistory

MOST = 24
_SMALL = 5_000  # so many ids are drawn from without gaps to fear
_DRAWS_PER_PERSON = 12


def named(text: str) -> tuple[list[str], list[str]]:
    """(external ids that the catalogue has, those that it hasn't), in the order of the text, at most MOST."""
    asked = list(dict.fromkeys(word for word in re.split(r"[\s,;]+", text) if word))[:MOST]
    there = set(User.objects.filter(external_id__in=asked).values_list("external_id", flat=True))
    return [name for name in asked if name in there], [name for name in asked if name not in there]


def sampled(n: int, seed: int) -> list[str]:
    """Up to n external ids of people who have done something, each as likely as the next; ids are drawn, so nothing is
    counted or sorted."""
    ends = UserHistory.objects.aggregate(low=Min("user_id"), high=Max("user_id"))
    if ends["low"] is None:
        return []
    generator = np.random.default_rng(seed)
    low, high = ends["low"], ends["high"] + 1
    if high - low <= _SMALL:
        drawn = generator.permutation(np.arange(low, high))
    else:
        drawn = generator.integers(low, high, n * _DRAWS_PER_PERSON)
    order = {user_id: place for place, user_id in reversed(list(enumerate(drawn.tolist())))}
    rows = UserHistory.objects.filter(user_id__in=list(order), event_count__gt=0)
    found = sorted(rows.values_list("user_id", "user__external_id"), key=lambda row: order[row[0]])
    return [name for _, name in found[:n]]
