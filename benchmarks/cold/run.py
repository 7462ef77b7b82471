"""`make evaluate COLD=1`: people and items that training never saw, beside popularity, people alike and content."""

from collections.abc import Sequence
from pathlib import Path

from django.core.management import call_command
from rich.console import Console

from benchmarks import figures as printed
from benchmarks.cold import films
from benchmarks.cold.asking import K, Meeting, popular_to_all
from benchmarks.cold.comparing import METRIC, Recalls, mean, of_people, pooled, recall
from benchmarks.cold.people import HeldOut, hold_out
from benchmarks.cold.report import write_report
from benchmarks.datasets import DataSet
from benchmarks.figures import Figure
from benchmarks.loading import load, users_of
from benchmarks.product import patient
from catalog.models import Item, User
from catalog.writing import delete_items, delete_users, put_users
from coldstart import demographics
from coldstart.interests import forget_interests, learn_representatives
from coldstart.interests.suggesting import suggest_interests
from coldstart.models import Interest
from retrieval import toplists, trending, versions
from retrieval.drawing import forget_catalogue
from retrieval.mixes import DEFAULT_BODY, NEWCOMERS_BODY, create_revision, publish
from retrieval.models import ModelVersion
from retrieval.offline import pipeline
from retrieval.sources.demographic import forget_cells
from retrieval.toplists import forget_kept
from retrieval.trending import forget_copy

console = Console(width=140)
EVENTS = (0, 1, 3, 5, 10, 50)
AFTER_SURVEY = (1, 3, 5, 10, 50)
# How many interests a survey asks about one after the other: as its answers say what next, and in a fixed order.
QUESTIONS = (3, 5, 8, 12, 20)
USUAL_QUESTIONS = 5


def run(data: DataSet, folder: Path, *, folds: Sequence[int]) -> None:
    """Prints and writes the figures, and the report's page and chart into `folder`. folds: which tenths of the people
    are held out, from 0, one after the other; items are held out once."""
    call_command("migrate", verbosity=0)
    recalls = []
    for fold in folds:
        console.print(f"Held-out people, tenth {fold + 1}")
        recalls.append(_people(hold_out(data, fold=fold)))
    figures = of_people(pooled(recalls))
    console.print("Held-out items")
    figures += _items(data)
    printed.publish(figures, title=f"{data.name}: cold start, {METRIC}")
    write_report(figures, data, folder)
    console.print(f"Report: {folder / 'index.md'}")


def _people(people: HeldOut) -> Recalls:
    _empty_catalogue()
    load(people.data)
    version = _trained(people.data)
    publish(_mix(), by="evaluation")
    meeting = Meeting(people, _mix())
    found: Recalls = {"popularity": recall(popular_to_all(people), people)}
    with versions.pinned(version):
        found["demographic-popularity"] = recall(meeting.ranking("demographic"), people)
        for events in EVENTS:
            meeting.show(events)
            found[f"user-after-{events}"] = recall(meeting.ranking(), people)
            if events == 10:
                found["content-only-after-10"] = recall(meeting.ranking("content"), people)
        _begin_anew(people)
        meeting = Meeting(people, meeting.revision, degraded=meeting.degraded)
        meeting.answer_all()
        found["user-survey"] = recall(meeting.ranking(), people)
        found["content-only-survey"] = recall(meeting.ranking("content"), people)
        for events in AFTER_SURVEY:
            meeting.show(events)
            found[f"user-survey-after-{events}"] = recall(meeting.ranking(), people)
        _begin_anew(people)
        meeting = Meeting(people, meeting.revision, degraded=meeting.degraded)
        found |= _of_questions(meeting)
    _begin_anew(people)
    meeting = Meeting(people, meeting.revision, degraded=meeting.degraded)
    meeting.show(None)
    with versions.pinned(_trained(people.data)):
        found["user-warm"] = recall(meeting.ranking(), people)
    if meeting.degraded:
        console.print(f"[red]{meeting.degraded} answers were degraded: do not trust these figures.[/red]")
    return found


def _of_questions(meeting: Meeting) -> Recalls:
    found: Recalls = {}
    for adaptive, case in ((True, "user-survey-adaptive"), (False, "user-survey-in-order")):
        for questions in QUESTIONS:
            meeting.answer_questions(questions, adaptive=adaptive)
            name = case if questions == USUAL_QUESTIONS else f"{case}-{questions}"
            found[name] = recall(meeting.ranking(), meeting.people)
    return found


def _items(data: DataSet) -> list[Figure]:
    """The reference is chance."""
    _empty_catalogue()
    rest, held, audience = films.without_films(data)
    load(rest)
    version = _trained(rest)
    publish(_mix(), by="evaluation")
    with versions.pinned(version):
        scores = {"item-new": films.by_towers(rest, version, held)}
    scores |= {name: score(rest, held) for name, score in films.BASELINES.items()}
    chance = K / data.shape[0]
    return [
        mean(case, films.audience_recall(of_case, audience), reference=chance)
        for case, of_case in scores.items()
    ]


def _trained(data: DataSet) -> ModelVersion:
    """A version of everything that is in the catalogue now, and what else is made of it; never promoted."""
    version_id = pipeline.start(data.cutoff)
    pipeline.run(version_id, until="indexing")
    toplists.rebuild(data.cutoff)
    trending.rebuild(data.cutoff)
    demographics.rebuild(data.cutoff)
    for forget in (forget_copy, forget_kept, forget_catalogue, forget_cells):
        forget()  # web processes read what is made anew within minutes; here the next request has to
    if Interest.objects.exists():
        learn_representatives(data.cutoff)
    else:
        suggest_interests(data.cutoff)
    return ModelVersion.objects.get(id=version_id)


def _mix() -> int:
    """As shipped, without haste."""
    newcomers = create_revision(patient(NEWCOMERS_BODY), note="For newcomers, without haste.").number
    body = {**patient(DEFAULT_BODY), "newcomers": {"revision": newcomers}}
    return create_revision(body, note="As shipped, without haste.").number


def _begin_anew(people: HeldOut) -> None:
    """The held-out people as they sign up: with their profile, without event or answer."""
    names = {str(people.data.user_ids[user]) for user in people.users.tolist()}
    delete_users(sorted(names))
    put_users([user for user in users_of(people.data) if user.external_id in names], people.data.cutoff)


def _empty_catalogue() -> None:
    """What an earlier part of the run left must not teach this one."""
    delete_users(list(User.objects.values_list("external_id", flat=True)))
    delete_items(list(Item.objects.values_list("external_id", flat=True)))
    Interest.objects.all().delete()
    forget_interests()
