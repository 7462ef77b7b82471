"""Segments of people by how they would answer the survey, learned from what they like."""

import numpy as np
from numpy.typing import NDArray

from catalog.sql import Cursor
from coldstart.config import newcomers
from coldstart.models import SurveySegment

_SEGMENTS = 12
_PEOPLE_PER_SEGMENT = 20
_MOST_PEOPLE = 20_000
_PRIOR_LIKES = 20.0  # of somebody who liked little, chance says as much as she does
_LIKES = """
SELECT liked.user_id, interest.id, count(*)
FROM coldstart_interest interest CROSS JOIN LATERAL unnest(interest.representatives) AS of_it (item_id)
JOIN recent_like liked ON liked.item_id = of_it.item_id
WHERE interest.active AND liked.user_id IN (
    SELECT user_id FROM (SELECT DISTINCT user_id FROM recent_like) everybody
    ORDER BY hashint8(user_id), user_id LIMIT %s
)
GROUP BY 1, 2
"""


def learn_segments(raw: Cursor) -> int:
    """How many there are now. `recent_like` must be filled; none are kept where too few people liked anything."""
    rows = np.array(raw.execute(_LIKES, [_MOST_PEOPLE]).fetchall(), np.int64).reshape(-1, 3)
    people, row = np.unique(rows[:, 0], return_inverse=True)
    interest_ids, column = np.unique(rows[:, 1], return_inverse=True)
    likes = np.zeros((len(people), len(interest_ids)))
    likes[row, column] = rows[:, 2]
    SurveySegment.objects.all().delete()
    count = min(_SEGMENTS, len(people) // _PEOPLE_PER_SEGMENT)
    if count < 2 or len(interest_ids) < 2:
        return 0
    answers = would_choose(likes, newcomers().most_interests)
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415  takes longer to load than most of the product

    _, labels = kmeans2(answers, count, seed=np.random.default_rng(1), minit="++")
    segments = [answers[labels == label] for label in range(count) if (labels == label).any()]
    SurveySegment.objects.bulk_create(
        SurveySegment(
            weight=len(of_segment) / len(people),
            interest_ids=interest_ids.tolist(),
            # One yes and one no on top: nothing is ever impossible.
            chances=((of_segment.sum(axis=0) + 1) / (len(of_segment) + 2)).tolist(),
        )
        for of_segment in segments
    )
    return len(segments)


def would_choose(likes: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """float64 [people, interests]: 1 for the `most` interests that each likes beyond chance. likes: counts."""
    expected = likes.sum(axis=0) / likes.sum()
    beyond = (likes + _PRIOR_LIKES * expected) / ((likes.sum(axis=1)[:, None] + _PRIOR_LIKES) * expected)
    order = np.argsort(-beyond, axis=1, kind="stable")[:, :most]
    chosen = np.zeros(likes.shape)
    np.put_along_axis(chosen, order, 1.0, axis=1)
    wanted: NDArray[np.float64] = chosen * (beyond > 1)
    return wanted
