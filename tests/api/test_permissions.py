from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from api.view import ApiView

pytestmark = pytest.mark.django_db


class Undeclared(ApiView):
    def get(self, request: Request) -> Response:
        return Response({"secret": 1})


class Misspelled(ApiView):
    required_scope = "raed"

    def get(self, request: Request) -> Response:
        return Response({"secret": 1})


class ByMethod(ApiView):
    required_scope = {"GET": "read"}

    def get(self, request: Request) -> Response:
        return Response({"open": 1})

    def delete(self, request: Request) -> Response:
        return Response({"secret": 1})


def answer(view: type[ApiView], key: str, method: str = "get") -> Any:
    request = getattr(APIRequestFactory(), method)("/", headers={"authorization": f"Api-Key {key}"})
    return view.as_view()(request)


@pytest.mark.parametrize("view", [Undeclared, Misspelled])
def test_a_view_without_a_known_scope_serves_nobody(view, make_key):
    assert answer(view, make_key("admin", "read")).status_code == 403


def test_admin_includes_every_scope(make_key):
    assert answer(ByMethod, make_key("admin")).status_code == 200


def test_a_method_that_declares_no_scope_is_closed(make_key):
    assert answer(ByMethod, make_key("admin"), "delete").status_code == 403


def test_head_needs_what_get_needs(make_key):
    assert answer(ByMethod, make_key("read"), "head").status_code == 200
    assert answer(ByMethod, make_key("events"), "head").status_code == 403


def test_a_method_that_does_not_exist_is_405_for_any_key(make_key):
    response = answer(ByMethod, make_key("events"), "post")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, DELETE"
