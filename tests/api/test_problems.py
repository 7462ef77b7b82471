import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.view import ApiView
from retrieval.types import InvalidRequest

pytestmark = pytest.mark.django_db


class Failing(ApiView):
    required_scope = "read"
    error: Exception = ZeroDivisionError("a secret")

    def get(self, request: Request) -> Any:
        raise self.error


def failing(error: Exception, key: str) -> Any:
    request = APIRequestFactory().get("/api/v1/x", headers={"authorization": f"Api-Key {key}"})
    return Failing.as_view(error=error)(request)


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.content)
    assert response.status_code == body["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert body["type"] == f"urn:headwater:problem:{code}"
    assert set(body) >= {"type", "title", "status", "detail", "instance", "errors", "request_id"}
    return body


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/v2/candidates", "/api/v1/", "/api/v1/x"]
)
def test_an_unknown_path_is_a_problem_document(path):
    body = assert_problem(Client().get(path), 404, "not_found")

    assert body["instance"] == path


def test_without_a_key_the_answer_says_how_to_authenticate():
    response = Client().get("/api/v1/users/1/candidates")

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Api-Key"


def test_a_wrong_method_is_a_problem_document_that_names_the_right_ones(reader):
    response = reader.put("/api/v1/candidates", {}, content_type="application/json")

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST"


def test_another_media_type_is_a_problem_document(reader):
    assert_problem(
        reader.post("/api/v1/candidates", "<a/>", content_type="text/xml"), 415, "unsupported_media_type"
    )


def test_a_form_is_no_json(reader):
    assert_problem(reader.post("/api/v1/candidates", {"user": "1"}), 415, "unsupported_media_type")


def test_an_unexpected_error_tells_the_log_and_not_the_client(make_key, caplog):
    with caplog.at_level(logging.ERROR, "api.problems"):
        response = failing(ZeroDivisionError("a secret"), make_key("read"))

    body = assert_problem(response, 500, "error")
    assert "secret" not in str(body)
    assert str(caplog.records[0].msg["exc_info"]) == "a secret"
    assert caplog.records[0].msg["request_id"] == body["request_id"]


def test_a_database_that_is_away_is_503_with_a_time_to_retry(make_key):
    response = failing(OperationalError("could not connect to 10.0.0.7"), make_key("read"))

    body = assert_problem(response, 503, "unavailable")
    assert "10.0.0.7" not in str(body)
    assert response["Retry-After"] == "1"


def test_an_invalid_request_of_retrieval_names_its_field(make_key):
    response = failing(InvalidRequest("sources", "'x' is no source."), make_key("read"))

    body = assert_problem(response, 400, "invalid")
    assert body["errors"] == [{"field": "sources", "code": "invalid", "detail": "'x' is no source."}]


def test_the_clients_request_id_is_echoed():
    response = Client().get("/api/nothing", headers={"x-request-id": "trace-7"})

    assert response["X-Request-Id"] == response.json()["request_id"] == "trace-7"


@pytest.mark.parametrize("unusable", ["", "x" * 65, "two words", "ü"])
def test_an_unusable_request_id_is_replaced(unusable):
    response = Client().get("/api/nothing", headers={"x-request-id": unusable})

    assert len(response["X-Request-Id"]) == 32


def test_a_host_that_is_not_ours_is_a_problem_document():
    assert_problem(Client().get("/api/v1/x", headers={"host": "evil.example"}), 400, "malformed")
