"""The inspector: one user, the answer they get, and why."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required, user_passes_test
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from coldstart.interests import answer_of
from console.inspector import cards, overview, people
from console.inspector.beginners import beginner_of
from console.inspector.comparing import compared
from console.inspector.left_out import examples_of
from console.inspector.offered import offered
from console.inspector.past import past_of
from console.inspector.question import MAX_K, MERGED, SIDE_BY_SIDE, Question, QuestionForm
from console.inspector.tiles import SourceLabel, source_label
from console.inspector.timeline import timeline
from console.inspector.why_not import verdict_on
from retrieval.answer import Answer
from retrieval.mixes import InvalidMix
from retrieval.models import MixRevision
from retrieval.service import retrieve
from retrieval.types import InvalidRequest, RetrievalError

_REVISIONS_OFFERED = 30
_K_OFFERED = (50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    count: int | None
    link: str
    current: bool
    source: SourceLabel | None = None


@require_safe
@user_passes_test(lambda user: user.is_active and user.is_staff, login_url="admin:login")
@permission_required("catalog.view_user", raise_exception=True)  # it shows what people did
def inspector(request: HttpRequest) -> HttpResponse:
    form = QuestionForm(request.GET)
    question = form.question()
    context: dict[str, Any] = {
        "section": "inspector",
        "question": question,
        "form": form,
        "max_k": MAX_K,
        "k_offered": _K_OFFERED,
        "revisions": MixRevision.objects.defer("body")[:_REVISIONS_OFFERED],
    }
    if not question.user:
        context["people"] = people.recently_active()
        return render(request, "console/inspector/start.html", context)
    status = 200
    try:
        context |= _answered(question)
    except (InvalidRequest, InvalidMix) as error:
        context["problem"], status = str(error), 400
    except RetrievalError as error:
        context["problem"], status = f"No answer: {error}", 503
    return render(request, "console/inspector/answer.html", context, status=status)


def _answered(question: Question) -> dict[str, Any]:
    """All that the page shows of one answer."""
    now = timezone.now()
    answer = retrieve(question.to_request(now))
    user = people.find_user(question.user)
    return {
        "answer": answer,
        "given": len(answer.pool),
        "person": people.profile_of(user) if user else None,
        "past": past_of(user, now) if user else None,
        "beginner": beginner_of(answer),
        "chosen": answer_of(question.user),
        "similar_ids": () if user else people.begins_with(question.user),
        "timeline": timeline(answer),
        "shares": overview.shares(answer),
        "several": overview.shared_by_several(answer),
        "removals": overview.removals(answer),
        "examples": examples_of(question.to_request(now)) if question.examples else None,
        "comparison": compared(question, answer, now),
        "offered": offered(answer.user_id, now),
        "diversity": overview.diversity(answer),
        "cache_lines": overview.cache_lines(answer),
        "verdict": verdict_on(question, now) if question.why else None,
        "links": {
            "anew": question.link(fresh=True),
            "without_why": question.link(why=""),
            "examples": question.link(examples=True),
            "alone": question.link(against=""),
        },
        **_candidates(answer, question),
    }


def _candidates(answer: Answer, question: Question) -> dict[str, Any]:
    """The tabs, and what the chosen one holds."""
    context: dict[str, Any] = {"tabs": _tabs(answer, question)}
    if question.show == SIDE_BY_SIDE:
        names = answer.pool.sources
        size = cards.SIDE_BY_SIDE_SIZE
        columns = [
            (cards.source_column(answer, name, size=size), question.link(show=name, page=1)) for name in names
        ]
        return {**context, "columns": columns}
    if question.show in answer.pool.sources:
        column = cards.source_column(answer, question.show, page=question.page)
        shown, total = column.cards, column.total
        context["column"] = column
    else:
        shown, total = cards.merged_cards(answer, question.page), len(answer.pool)
    last = max(1, -(-total // cards.PAGE_SIZE))
    pager = {
        "page": question.page,
        "last": last,
        "previous": question.link(page=question.page - 1) if question.page > 1 else "",
        "next": question.link(page=question.page + 1) if question.page < last else "",
    }
    return {**context, "cards": shown, "total": total, "pager": pager}


def _tabs(answer: Answer, question: Question) -> list[Tab]:
    sources = answer.pool.sources
    by_source = (answer.pool.ranks > 0).sum(axis=0).tolist()
    alone = question.show != SIDE_BY_SIDE and question.show not in sources
    return [
        Tab("Merged", len(answer.pool), question.link(show=MERGED, page=1), current=alone),
        Tab("Side by side", None, question.link(show=SIDE_BY_SIDE, page=1), question.show == SIDE_BY_SIDE),
        *(
            Tab(label.label, count, question.link(show=name, page=1), question.show == name, label)
            for name, count in zip(sources, by_source, strict=True)
            for label in [source_label(name)]
        ),
    ]
