"""The pages of one's own second factor: a code after the password, setting it up, how it stands."""

from typing import Any, cast

import structlog
from django.contrib import admin, messages
from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django_otp import login as remember_device

from console.entering import begin_attempt
from console.second_factor import factors
from console.second_factor.forms import CodeForm, RecoveryForm

log = structlog.get_logger(__name__)
_PENDING = "headwater.second-factor.key"  # in the session, which is a row of Postgres, until it is confirmed
staff_only = user_passes_test(lambda user: user.is_active and user.is_staff, login_url="admin:login")


@never_cache
@staff_only
def code(request: HttpRequest) -> HttpResponse:
    user = _staff(request)
    if factors.owed(user) != "code":
        return redirect(_next(request))
    recovering = "recovery" in request.GET
    form = (RecoveryForm if recovering else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and (device := _taken(request, user, form)):
        _opened(request, device)
        if recovering:
            left = factors.codes_left(user)
            factors.note(user, user, f"Logged in with a recovery code; {left} are left.")
            messages.warning(request, f"That recovery code is used up; {left} are left.")
        return redirect(_next(request))
    return _page(request, "code", "One more step", form=form, recovering=recovering, next=_next(request))


@never_cache
@staff_only
def enrol(request: HttpRequest) -> HttpResponse:
    """Sets up an authenticator, or another in place of the one that opened this session."""
    user = _staff(request)
    if factors.owed(user) == "code":  # a password alone must not replace it
        return redirect(reverse("console:second-factor-code"))
    key = request.session.setdefault(_PENDING, factors.new_key())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        before = factors.has_factor(user)
        if device := factors.enrolled(user, key, form.cleaned_data["code"]):
            del request.session[_PENDING]
            _opened(request, device)
            done = "Replaced the authenticator" if before else "Set up an authenticator"
            factors.note(user, user, f"{done}, with new recovery codes.")
            return _codes(request, user)
        form.add_error("code", "Not the code of this secret. Is the clock of the phone right?")
    shown = {"secret": factors.as_text(key), "picture": factors.as_picture(key, user.get_username())}
    return _page(request, "enrol", "Set up an authenticator", form=form, **shown)


@never_cache
@staff_only
def standing(request: HttpRequest) -> HttpResponse:
    """How one's own second factor stands. Told to (POST): new recovery codes, shown in the answer alone."""
    user = _staff(request)
    there = factors.has_factor(user)
    if request.method == "POST":
        if not there:
            raise PermissionDenied
        factors.note(user, user, "Made new recovery codes.")
        return _codes(request, user)
    return _page(request, "standing", "Second factor", there=there, left=factors.codes_left(user))


def _taken(request: HttpRequest, user: User, form: Any) -> factors.Device | None:
    """The device that takes the form's code; else an error on the form. Counted like passwords, by itself."""
    try:
        attempt = begin_attempt(f"second factor\0{user.get_username()}", request)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    device = factors.checked(user, form.cleaned_data["code"])
    if device is None:
        log.warning("a second factor was refused")
        form.add_error("code", "Not a code that is good now. Wait for the next one: each is good once.")
        return None
    attempt.forget()
    return device


def _opened(request: HttpRequest, device: factors.Device) -> None:
    """The session knows the device, under a name that nobody had before."""
    remember_device(request, device)
    request.session.cycle_key()


def _codes(request: HttpRequest, user: User) -> HttpResponse:
    codes = factors.new_recovery_codes(user)
    return _page(request, "codes", "Recovery codes", codes=codes, next=reverse("admin:index"))


def _page(request: HttpRequest, name: str, title: str, **more: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **more}
    return TemplateResponse(request, f"console/second_factor/{name}.html", context)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("admin:index")


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)  # `staff_only` has looked
