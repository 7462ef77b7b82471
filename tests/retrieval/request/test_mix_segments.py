"""A mix may rank users who have done little by weights of their own."""

import numpy as np
import pytest

from retrieval.mixes import InvalidMix, parse_mix

TRENDING = {"present": 0.5, "score": 2.0}
BODY = {
    "merge": "calibrated",
    "sources": [{"name": "collaborative", "weight": 1.5}, {"name": "trending", "weight": 0.1}],
    "segments": [
        {"below_events": 1, "calibration": {"trending": {"score": 9}}},
        {"below_events": 20, "calibration": {"trending": TRENDING}},
    ],
}


def refused(**changes: object) -> InvalidMix:
    with pytest.raises(InvalidMix) as raised:
        parse_mix({**BODY, **changes})
    return raised.value


@pytest.mark.parametrize(
    ("events", "expected"),
    [(0, (0, 9, 0)), (1, (0.5, 2, 0)), (19, (0.5, 2, 0)), (20, (0, 0.1, 0)), (1000, (0, 0.1, 0))],
)
def test_the_first_segment_that_the_user_falls_into_counts(events, expected):
    assert parse_mix(BODY).coefficients("trending", event_count=events) == expected


def test_a_source_that_a_segment_does_not_name_keeps_its_own():
    assert parse_mix(BODY).coefficients("collaborative", event_count=0) == (0, 1.5, 0)


def test_without_segments_all_users_are_alike():
    mix = parse_mix({**BODY, "segments": []})

    assert np.unique([mix.coefficients("trending", event_count=n) for n in (0, 5, 500)], axis=0).tolist() == [
        [0, 0.1, 0]
    ]


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        ([{"below_events": 0}], "segments[0].below_events"),
        ([{"below_events": 5}, {"below_events": 5}], "segments: name them by ascending"),
        ([{"below_events": 9}, {"below_events": 5}], "segments: name them by ascending"),
        ([{"below_events": 5, "calibration": {"social": {}}}], "segments[0].calibration.social"),
        ([{"below_events": 5, "calibration": {"trending": {"scores": 1}}}], "trending.scores: unknown"),
        ([{"below_events": 5, "calibration": []}], "segments[0].calibration"),
        ([{"below_event": 5}], "segments[0].below_events"),
        ([5], "segments[0]: use an object"),
    ],
)
def test_a_wrong_segment_is_refused_where_it_is_wrong(segments, told):
    assert told in str(refused(segments=segments))


def test_a_merge_that_would_not_read_them_is_refused():
    assert "only the calibrated merge" in str(refused(merge="quotas"))
