"""What becomes of a draft: publications that wait, history, previews and experiments."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.mixing.people import sampled
from experiments.models import Experiment, Exposure, Layer, Variant
from retrieval.evaluation.lately import engaged_since, recall_of
from retrieval.mixes import DEFAULT_BODY, create_revision
from retrieval.models import MixChange, MixProposal, MixRevision
from retrieval.tasks import publish_due_mixes
from tests.console.mixing.pages import AT, BODY, published, saved, served, text, who, with_a_worker
from tests.console.staff import logged_in, staff_who_may
from tests.experiments.running import run_experiment
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db


def test_publishing_needs_a_reason_and_stands_in_the_history(ada: Client, live: MixRevision) -> None:
    draft = saved(ada, "live:")
    page = f"{AT}/{draft.number}/publish/"
    assert "This field is required" in text(ada.post(page, {"surface": ""}))
    assert published() == live.number

    ada.post(page, {"surface": "", "why": "Better."})
    ada.post(f"{AT}/{live.number}/publish/", {"surface": "", "why": "Worse."})

    lines = MixChange.objects.values_list("what", "before", "after", "by", "why")[:2]
    assert list(lines) == [
        ("rolled_back", draft.number, live.number, "ada", "Worse."),
        ("published", live.number, draft.number, "ada", "Better."),
    ]
    shown = text(ada.get(f"{AT}/surface-history/"))
    assert "Worse." in shown
    assert "rolled back" in shown


def test_what_is_planned_is_published_at_its_time_and_can_be_called_off(
    ada: Client, live: MixRevision, time_machine
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    first, second = saved(ada, "live:"), saved(ada, "live:")
    at = (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    for draft in (first, second):
        ada.post(f"{AT}/{draft.number}/publish/", {"surface": "", "publish_at": at, "why": "Tonight."})
    assert text(ada.get(f"{AT}/desk/")).count("Call off") == 2
    called_off = MixProposal.objects.get(revision=second)
    ada.post(f"{AT}/proposals/{called_off.pk}/cancel/", {"why": "No."})

    publish_due_mixes()
    assert published() == live.number
    time_machine.shift(timedelta(hours=1))
    publish_due_mixes()
    publish_due_mixes()

    assert published() == first.number
    assert MixChange.objects.filter(what="published", after=first).count() == 1
    assert set(MixProposal.objects.values_list("state", flat=True)) == {"done", "cancelled"}


def test_a_time_that_is_past_is_refused(ada: Client, live: MixRevision) -> None:
    page = f"{AT}/{live.number}/publish/"
    assert "That time is past" in text(ada.post(page, {"publish_at": "2020-01-01T10:00", "why": "x"}))


@pytest.mark.usefixtures("two_pairs_of_eyes")
def test_where_two_have_to_agree_another_person_than_the_author_publishes(
    ada: Client, live: MixRevision
) -> None:
    draft = saved(ada, "live:")
    ada.post(f"{AT}/{draft.number}/publish/", {"surface": "", "why": "Better."})
    proposal = MixProposal.objects.get()
    assert "ada waits for another person’s approval" in text(ada.get(f"{AT}/desk/"))

    ada.post(f"{AT}/proposals/{proposal.pk}/approve/", {"why": "I am sure."})
    assert published() == live.number
    who("ben").post(f"{AT}/proposals/{proposal.pk}/approve/", {"why": "Agreed."})

    assert published() == draft.number
    ada.post(f"{AT}/{live.number}/publish/", {"surface": "", "why": "Quickly back."})
    assert published() == live.number, "rolling back is never held up"


@pytest.mark.usefixtures("two_pairs_of_eyes")
def test_where_two_have_to_agree_the_author_tries_nothing_out_alone(ada: Client, live: MixRevision) -> None:
    draft = saved(ada, "live:")
    fields = {"traffic": "5", "surface": "default", "planned_users": "1000", "why": "x"}

    assert "Another person with the right" in text(ada.post(f"{AT}/{draft.number}/experiment/", fields))
    assert not Experiment.objects.exists()
    who("ben").post(f"{AT}/{draft.number}/experiment/", fields)
    assert Experiment.objects.get().status == "running"


def test_two_revisions_of_a_surface_are_compared_and_no_others(ada: Client, live: MixRevision) -> None:
    draft = saved(ada, "live:", **{"content-weight": "0.9"})
    news = served(DEFAULT_BODY, note="news", surface="news")

    shown = text(ada.get(f"{AT}/compare/", {"before": live.number, "after": draft.number}))
    assert "Content: weight" in shown
    elsewhere = text(ada.get(f"{AT}/compare/", {"before": news.number, "after": draft.number}))
    assert f"{live} → {draft}" in elsewhere


def test_a_draft_is_tried_out_in_one_step_and_shipped(ada: Client, live: MixRevision) -> None:
    served(DEFAULT_BODY, note="news", surface="news")
    draft = saved(ada, "live:")
    page = f"{AT}/{draft.number}/experiment/"
    assert "Every surface, also “news”" in text(ada.get(page))
    fields = {"traffic": "2.55", "surface": "default", "planned_users": "1000", "why": "More clicks."}

    ada.post(page, fields)

    experiment = Experiment.objects.get()
    assert (experiment.status, experiment.traffic_bp, experiment.surface) == ("running", 255, "default")
    arms = experiment.variants.values_list("control", "share_per_10000", "mix_revision")
    assert set(arms) == {(True, 5_000, None), (False, 5_000, draft.number)}
    ada.post(f"/admin/experiments/experiment/{experiment.pk}/ship/", {"why": "It does."})
    experiment.refresh_from_db()
    assert (experiment.status, published(), published("news")) == ("stopped", draft.number, published("news"))


def test_of_an_experiment_that_may_not_start_nothing_is_left(ada: Client, live: MixRevision) -> None:
    draft = saved(ada, "live:")
    run_experiment("other", layer="elsewhere", b={"mix_revision": live.number})
    fields = {"traffic": "5", "surface": "default", "planned_users": "1000", "why": "x"}

    shown = text(ada.post(f"{AT}/{draft.number}/experiment/", fields))

    assert "put both on one layer" in shown
    assert (Experiment.objects.count(), Variant.objects.count(), Layer.objects.count()) == (1, 2, 1)


def test_a_preview_shows_what_moves_and_exposes_nobody(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_worker(monkeypatch)
    movie_world()
    served({"sources": [{"name": "trending", "quota": 100, "limit_ms": 9000}]}, note="live")
    both = {"sources": [{"name": name, "quota": 100, "limit_ms": 9000} for name in ("explore", "content")]}
    draft = create_revision(both, note="draft")
    run_experiment("e", b={"mix_revision": draft.number}, fields={"surface": ""})

    shown = text(ada.get(f"{AT}/{draft.number}/preview/", {"users": "ann nobody", "k": "20"}))

    assert "2 of 2 people were asked under both mixes" in shown
    assert "so asked for as somebody new: nobody" in shown
    assert "mix-enters" in shown
    assert "Too little to say anything: 0 of the people" in shown
    assert not Exposure.objects.exists()


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    movie_world()
    assert sampled(3, 1) == sampled(3, 1)
    assert set(sampled(9, 1)) == {"ann", "ben", "cat"}
    assert len({tuple(sampled(3, seed)) for seed in range(9)}) > 1


def test_recall_is_of_what_was_liked_since_with_the_history_of_then(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    world: World = movie_world()
    did("ann", "like", "alien", hours_ago=0.5)
    does = {"sources": [{"name": "explore", "quota": 1000, "limit_ms": 9000}]}
    does_not = {**does, "sources": [{"name": "fresh_follows", "quota": 10, "limit_ms": 9000}]}
    finds, misses = (create_revision(body, note="x").number for body in (does, does_not))

    people = engaged_since(NOW - timedelta(minutes=45), most=10, seed=0)

    (ann,) = people
    assert (ann.user, world.names(ann.wanted)) == ("ann", ["alien"])
    assert world.names(ann.before["item_id"]) == ["heat", "fargo"]
    assert [recall_of(ann, number, k=20, surface="default") for number in (finds, misses)] == [1.0, 0.0]


def test_pages_offer_and_do_only_what_one_may() -> None:
    live = served(BODY, note="live")
    viewer = logged_in(staff_who_may("retrieval.view_mixrevision"))

    assert "Tune" not in text(viewer.get(f"{AT}/desk/"))
    refused = ["edit/", f"{live.number}/publish/", f"{live.number}/preview/", f"{live.number}/experiment/"]
    assert {viewer.get(f"{AT}/{page}").status_code for page in refused} == {403}
