"""Errors outside of any view: problem documents below /api/, Django's pages everywhere else."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from api.problems import not_found as no_such_path
from api.problems import problem
from api.problems import server_error as our_fault


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return problem(request, 400, "malformed", "The request cannot be read.")
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return problem(request, 403, "permission_denied", "This is not allowed.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return no_such_path(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _of_api(request):
        return our_fault(request)
    return defaults.server_error(request)


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
