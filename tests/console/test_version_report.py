from console.admin.version_report import HEIGHT, WIDTH, training_curve


def places(points: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, pair.split(","))) for pair in points.split()]


def test_a_curve_goes_from_left_to_right_and_higher_is_better():
    curve = training_curve([0.1, 0.3, 0.2])

    (first, second, third) = places(curve.points)
    assert first[0] < second[0] < third[0]
    assert second[1] < third[1] < first[1]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in (first, second, third))


def test_the_best_pass_stands_out():
    curve = training_curve([0.1, 0.3, 0.2])

    assert (curve.best.x, curve.best.y) == places(curve.points)[1]
    assert curve.best.text == "0.300"


def test_the_scale_begins_at_nothing_and_ends_above_the_best():
    levels = training_curve([0.1, 0.3, 0.2]).levels

    assert [level.text for level in levels] == ["0", "0.08", "0.16", "0.24", "0.32"]


def test_many_passes_are_not_all_numbered():
    assert [mark.text for mark in training_curve([0.1] * 25).passes] == [
        "1", "4", "7", "10", "13", "16", "19", "22", "25"
    ]  # fmt: skip


def test_one_pass_is_a_point_in_the_middle():
    assert len(places(training_curve([0.2]).points)) == 1


def test_nothing_validated_is_no_picture():
    assert training_curve([]) is None
