from console.inspector import overview
from retrieval.answer import CacheUse
from retrieval.cache import Seen
from retrieval.types import SourceReport
from tests.console.answers import ANSWER, an_answer


def test_a_share_counts_what_a_source_proposed_and_what_only_it_proposed() -> None:
    left, right = overview.shares(ANSWER)
    assert (left.source.name, left.found, left.kept, left.alone) == ("left", 5, 3, 1)
    assert (right.source.name, right.found, right.kept, right.alone) == ("right", 4, 3, 1)
    assert (left.kept_percent, left.alone_percent) == (75, 25)


def test_a_source_that_ran_in_vain_is_shown_with_nothing() -> None:
    idle = SourceReport("idle", "empty", asked=5, found=0, ms=1.0)
    share = overview.shares(an_answer(reports=(*ANSWER.reports, idle)))[-1]
    assert (share.source.name, share.kept, share.kept_percent) == ("idle", 0, 0)


def test_both_rounds_of_a_source_count_as_proposed() -> None:
    share = overview.shares(an_answer(reports=(*ANSWER.reports, ANSWER.reports[0])))[0]
    assert share.found == 10


def test_candidates_of_several_sources_are_counted_once() -> None:
    assert overview.shared_by_several(ANSWER) == 2


def test_what_was_removed_is_told_in_words_the_most_first() -> None:
    assert [(removal.count, removal.words) for removal in overview.removals(ANSWER)] == [
        (6, "already engaged with"),
        (1, "taken out of the catalogue"),
    ]


def test_a_filter_without_words_of_its_own_is_still_told() -> None:
    assert overview.removal_words("below_age_limit") == "below age limit"


def test_diversity_is_shown_as_it_was_measured() -> None:
    assert [(figure.label, figure.value) for figure in overview.diversity(ANSWER)] == [
        ("Intra-list diversity", "0.500"),
        ("Categories", "3"),
    ]


def test_the_cache_is_told_in_words_with_the_reason_of_each_miss():
    computed = an_answer(
        cache=CacheUse(trail=(Seen("L1", "miss", "history", 12.0), Seen("L3", "error"))),
    )
    stale = an_answer(cache=CacheUse("L3", 61.4, stale=True, unfiltered=True))

    assert overview.cache_lines(computed) == (
        "computed now",
        "L1: older than the newest event",
        "L3: no answer",
    )
    assert overview.cache_lines(stale) == (
        "from the cache (L3: computed ahead), 61 s old, served while somebody else makes them anew",
        "filtered from the list kept for all requests",
    )
