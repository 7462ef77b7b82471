"""The document describes what is there: all of it, validly, and as it answers."""

import json
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from tests.api.test_access import OPERATIONS

METHODS = ("get", "post", "put", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    response = Client().get("/api/v1/schema", headers={"accept": "application/vnd.oai.openapi+json"})
    document: dict[str, Any] = json.loads(response.content)
    return document


@pytest.fixture(scope="module")
def operations(document) -> list[dict[str, Any]]:
    return [item[method] for item in document["paths"].values() for method in METHODS if method in item]


def test_the_document_is_openapi_3_1_and_valid(document):
    validate_schema(document)

    assert document["openapi"].startswith("3.1")


def test_every_operation_of_the_url_configuration_is_described(operations):
    assert len(operations) == len(OPERATIONS) == 27


def test_every_operation_asks_for_the_key_and_says_what_it_does(operations):
    assert all(operation["security"] == [{"ApiKey": []}] for operation in operations)
    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_every_operation_describes_its_errors(operations):
    shared = {"400", "401", "403", "405", "429", "500", "503"}

    assert all(shared <= set(operation["responses"]) for operation in operations)


def test_a_body_may_be_too_large_or_of_another_type(operations):
    with_body = [operation for operation in operations if "requestBody" in operation]

    assert len(with_body) == 12
    assert all({"413", "415"} <= set(operation["responses"]) for operation in with_body)


def test_every_parameter_says_what_it_is_for(operations):
    silent = [
        (operation["operationId"], parameter["name"])
        for operation in operations
        for parameter in operation["parameters"]
        if not parameter.get("description")
    ]

    assert silent == []


def examples(document: dict[str, Any], operation: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """(schema, value) of the operation's examples."""
    bodies = [operation.get("requestBody", {}), operation["responses"].get("200", {})]
    return [
        (
            {**body["content"]["application/json"]["schema"], "components": document["components"]},
            example["value"],
        )
        for body in bodies
        for example in body.get("content", {}).get("application/json", {}).get("examples", {}).values()
    ]


def test_every_example_is_valid(document, operations):
    pairs = [pair for operation in operations for pair in examples(document, operation)]

    assert len(pairs) >= 9
    for schema, value in pairs:
        Draft202012Validator(schema).validate(value)
