"""Who is in the audience and what there is to see: the demo's people with their tastes, read from what they rated."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.models import Item
from catalog.sql import cursor
from coldstart.interests.reading import all_interests
from coldstart.models import SurveyAnswer
from demo.audience.clicks import Film
from demo.shaping import SURFACE

# How the audience's own people are called, and its requests: whoever meets one knows what it is.
MARK = "sim-"
MOST_NEWCOMERS = 300
_CHOSEN_TASTE, _OTHER_TASTE = 0.8, -0.2
# Ratings by tag and person, drawn towards nothing as if five usual ones had come first.
_TASTES = """
WITH rated AS (
    SELECT user_id, item_id, value - avg(value) OVER (PARTITION BY user_id) AS above
    FROM catalog_interaction WHERE surface = %s AND value IS NOT NULL
)
SELECT person.external_id, tag, (sum(above) / (count(*) + 5))::float8
FROM rated
JOIN catalog_item AS item ON item.id = rated.item_id
JOIN catalog_user AS person ON person.id = rated.user_id
CROSS JOIN unnest(item.tags) AS tag
GROUP BY 1, 2
"""
_APPEALS = """
WITH rated AS (
    SELECT item_id, value - avg(value) OVER () AS above
    FROM catalog_interaction WHERE surface = %s AND value IS NOT NULL
)
SELECT item_id, (sum(above) / (count(*) + 10))::float8 FROM rated GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Person:
    """tastes: by tag, in stars above what the person usually gives."""

    external_id: str
    tastes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Town:
    people: list[Person]
    films: Mapping[str, Film]  # by external id

    def somebody(self, rng: random.Random) -> Person:
        """Some come often: the chance falls along the list, as real activity does."""
        return self.people[int(len(self.people) * rng.random() ** 2)]

    def film(self, external_id: str) -> Film:
        """What came since the town was read means nothing to anybody yet."""
        return self.films.get(external_id, Film(()))


def read_town(rng: random.Random) -> Town:
    """Everybody who rated something in MovieLens, and the newcomers of earlier runs, in an order of chance. Nobody
    where the demo is not loaded."""
    tastes: defaultdict[str, dict[str, float]] = defaultdict(dict)
    with cursor() as raw:
        for person, tag, above in raw.execute(_TASTES, [SURFACE]):
            tastes[person][tag] = above
        appeals = dict(raw.execute(_APPEALS, [SURFACE]).fetchall())
    rows = Item.objects.filter(id__in=appeals).values_list("id", "external_id", "tags")
    films = {external_id: Film(tuple(tags), appeals[item_id]) for item_id, external_id, tags in rows}
    people = [Person(*known) for known in sorted(tastes.items())]
    if people:
        people += _newcomers()
    rng.shuffle(people)
    return Town(people, films)


def tastes_of(chosen: set[str]) -> dict[str, float]:
    """Of who chose interests with these tags: those more than the others that are offered."""
    tags = {tag for interest in all_interests().values() for tag in interest.tags}
    return {tag: _CHOSEN_TASTE if tag in chosen else _OTHER_TASTE for tag in tags | chosen}


def _newcomers() -> list[Person]:
    known = all_interests()
    answers = SurveyAnswer.objects.filter(user__external_id__startswith=MARK).select_related("user")
    return [
        Person(
            answer.user.external_id,
            tastes_of({tag for one in answer.interest_ids if one in known for tag in known[one].tags}),
        )
        for answer in answers[:MOST_NEWCOMERS]
    ]
