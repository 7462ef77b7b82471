"""Two pages: the survey, and the first feed. Plain forms; htmx only saves reloading the page while one chooses."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from coldstart.interests import InvalidAnswer, answer_of, answer_survey, withdraw_answer
from coldstart.links import BadLink, ExpiredLink, user_of
from retrieval.mixes import InvalidMix
from retrieval.types import RetrievalError
from welcome.feed import first_feed
from welcome.survey import Choosing

View = Callable[..., HttpResponse]


def of_link(view: View) -> View:
    """The view gets the user's external id; a link that is none, or is too old, gets a page that says so."""

    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, token: str) -> HttpResponse:
        try:
            user = user_of(token)
        except BadLink as error:
            expired = isinstance(error, ExpiredLink)
            return render(request, "welcome/link.html", {"expired": expired}, status=410 if expired else 404)
        return view(request, token, user)

    return checked


@require_http_methods(["GET", "HEAD", "POST"])
@of_link
def survey(request: HttpRequest, token: str, user: str) -> HttpResponse:
    """GET shows what there is to choose. POST `do`: save, search, count (htmx), skip or forget."""
    if request.method != "POST":
        answer = answer_of(user)
        chosen = [interest.slug for interest in answer.interests] if answer else []
        return _page(
            request, Choosing.of(chosen, query=request.GET.get("q", ""), answered=answer is not None)
        )
    choosing = Choosing.of(
        request.POST.getlist("interest"),
        query=request.POST.get("q", ""),
        agreed=request.POST.get("consent", ""),
        answered=answer_of(user) is not None,
    )
    do = request.POST.get("do", "save")
    if do == "skip":
        return redirect("welcome:feed", token)
    if do == "forget":
        withdraw_answer(user)
        return redirect("welcome:survey", token)
    if do in ("search", "count"):
        fragment = "_grid" if do == "search" else "_status"
        return _page(request, choosing, fragment=fragment if "HX-Request" in request.headers else "")
    return _save(request, token, user, choosing)


@require_safe
@of_link
def feed(request: HttpRequest, token: str, user: str) -> HttpResponse:
    try:
        shown = first_feed(user, timezone.now())
    except (RetrievalError, InvalidMix):
        return render(request, "welcome/later.html", {"token": token}, status=503)
    return render(request, "welcome/feed.html", {"feed": shown, "token": token, "answer": answer_of(user)})


def _save(request: HttpRequest, token: str, user: str, choosing: Choosing) -> HttpResponse:
    try:
        answer_survey(user, choosing.chosen, consent_version=choosing.agreed, now=timezone.now())
    except InvalidAnswer as error:
        context: dict[str, Any] = {"error": choosing.words_for(error), "error_field": error.field}
        return _page(request, choosing, status=400, **context)
    return redirect("welcome:feed", token)


def _page(
    request: HttpRequest, choosing: Choosing, *, fragment: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    name = f"welcome/{fragment or 'survey'}.html"
    return render(request, name, {"choosing": choosing, **more}, status=status)
