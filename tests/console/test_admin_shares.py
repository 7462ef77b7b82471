"""The page of a mix's bandit, for the draws of two segments."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from console.admin import shares_report
from retrieval.mixes import forget_cached_mixes, mix_by_revision
from retrieval.models import MixRevision, ShareCell
from retrieval.shares.report import report_of
from tests.console.staff import logged_in, staff_who_may
from tests.shares.logged import NEW, REGULAR, log_draws
from tests.shares.mixes import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision():
    forget_cached_mixes()
    yield log_draws()
    forget_cached_mixes()


def page(revision: int, client=None, **query) -> str:
    answer = (client or logged_in()).get(f"/admin/retrieval/mixrevision/{revision}/bandit/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_by_segment_what_is_drawn_and_what_came_of_it(revision):
    shown = page(revision)

    assert "1,440 draws of the last 28 days, 192 engaged with: 13.3 %" in shown
    assert shown.index(REGULAR) < shown.index(NEW)  # the most drawn first
    for text in ("always hot", "uniform", "64 of 320", "doubly robust", "Last changed"):
        assert text in shown


def test_what_an_arm_would_have_brought_is_told_apart_from_what_was_served(revision):
    report = report_of(mix_by_revision(revision).bandit, revision, now=datetime.now(UTC), days=28)
    always = {line.name: line.value.snips.value for line in report.policies}
    regular, new = report.segments

    # Of the two segments a third of the draws each way, by their propensities: see tests/shares/logged.py.
    assert always["always hot"] == pytest.approx((960 * 0.2 + 480 * 0.05) / 1440, abs=0.002)
    assert [line.arm for line in regular.arms if line.probability > 0.5] == ["hot"]
    assert [line.arm for line in new.arms if line.probability > 0.5] == ["usual"]
    assert sum(line.share for line in regular.arms) == pytest.approx(1)


def test_everything_lies_within_the_picture(revision):
    report = report_of(mix_by_revision(revision).bandit, revision, now=datetime.now(UTC), days=28)
    picture = shares_report.picture(report)

    for bar in picture.bars:
        assert 0 <= bar.low <= bar.mid <= bar.high <= picture.width
        assert bar.y < picture.height


def test_days_that_are_further_back_are_left_out(revision):
    ShareCell.objects.update(day=date(2020, 1, 1))

    assert "Nothing that was drawn was shown yet" in page(revision, days=7)


def test_a_mix_without_a_bandit_and_one_of_which_nothing_is_known_have_pages():
    forget_cached_mixes()
    plain = MixRevision.objects.create(body={"sources": [{"name": "content"}]}, note="As written.")
    drawing = MixRevision.objects.create(body=body(), note="Nobody was here.")

    assert "served to everybody as it was written" in page(plain.number)
    client = logged_in(staff_who_may("retrieval.view_mixrevision"))
    assert "every arm is drawn as often as any other" in page(drawing.number, client)


def test_the_command_says_the_same(revision, capsys):
    call_command("source_bandit", "--revision", str(revision))

    said = capsys.readouterr().out
    assert "1,440 draws, 192 engaged with" in said
    assert "always hot" in said
    assert f"{REGULAR}: 960 draws" in said


def test_the_command_names_what_is_missing():
    forget_cached_mixes()
    plain = MixRevision.objects.create(body={"sources": [{"name": "content"}]}, note="As written.")

    with pytest.raises(CommandError, match="has no bandit"):
        call_command("source_bandit", "--revision", str(plain.number))
    with pytest.raises(CommandError, match="no revision 999"):
        call_command("source_bandit", "--revision", "999")
