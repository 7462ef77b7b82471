"""The parts of the OpenAPI document that all operations share: the errors, and the rows of bulk bodies."""

from typing import Any

from api.problems import MEDIA_TYPE
from api.writing.catalog_shapes import BLOCK, FOLLOW, ITEM, USER
from api.writing.event_shape import EVENT
from api.writing.impression_shape import IMPRESSION

_SHAPES = (EVENT, IMPRESSION, ITEM, USER, FOLLOW, BLOCK)
_METHODS = ("get", "post", "put", "delete")
_OF_EVERY_OPERATION = {
    "400": ("Invalid", "The request cannot be read, or says what cannot be; `errors` names the fields."),
    "401": ("NotAuthenticated", "No API key, or one that is unknown, revoked or expired."),
    "403": ("PermissionDenied", "The key lacks the scope that this needs."),
    "405": ("MethodNotAllowed", "The path has no such method; `Allow` names those that it has."),
    "429": ("Throttled", "Too many requests with this key; `Retry-After` says when to come back."),
    "500": ("Error", "Our fault; the log has it under the request id."),
    "503": ("Unavailable", "Nothing can be answered now; `Retry-After` says when to come back."),
}
# Of the web server, before anything of ours is asked: without a body.
_OF_THE_SERVER = {
    "414": "The address is too long: `POST /candidates` takes the same in a body.",
    "431": "The headers and the address are too large together.",
}
_OF_BODIES = {
    "413": ("TooLarge", "The body is too large: send it in parts."),
    "415": ("UnsupportedMediaType", "The body must be application/json."),
}
_NOT_FOUND = {"404": ("NotFound", "There is no such item.")}
_RESPONSES = {**_OF_EVERY_OPERATION, **_OF_BODIES, **_NOT_FOUND}
_RETRY_AFTER = {"429", "503"}

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. A single row that is refused adds `count` and `results` as a list of rows would.",
    "required": ["type", "title", "status", "detail", "instance", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "urn:headwater:problem:CODE; stable."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people."},
        "instance": {"type": "string", "description": "The path."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Dotted path, empty for the whole request."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
    "example": {
        "type": "urn:headwater:problem:invalid",
        "title": "Bad Request",
        "status": 400,
        "detail": "k: Ensure this value is less than or equal to 5000.",
        "instance": "/api/v1/users/196/candidates",
        "errors": [
            {"field": "k", "code": "max_value", "detail": "Ensure this value is less than or equal to 5000."}
        ],
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    },
}


def add_shared(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook after it has made the document."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= {"Problem": _PROBLEM} | {shape.name: shape.json_schema() for shape in _SHAPES}
    components["responses"] = {name: _response(status) for status, (name, _) in _RESPONSES.items()}
    for path, item in result["paths"].items():
        # drf-spectacular describes no body of a DELETE; those of many rows take the same ones as their PUT.
        if "put" in item and "delete" in item and "{" not in path:
            item["delete"]["requestBody"] = item["put"]["requestBody"]
        for operation in (item[method] for method in _METHODS if method in item):
            shared = _OF_EVERY_OPERATION | (_OF_BODIES if "requestBody" in operation else {})
            if "{item_id}" in path:
                shared |= _NOT_FOUND
            operation["responses"] |= {
                status: {"$ref": f"#/components/responses/{name}"} for status, (name, _) in shared.items()
            }
            operation["responses"] |= {
                status: {"description": description} for status, description in _OF_THE_SERVER.items()
            }
    return result


def _response(status: str) -> dict[str, Any]:
    _, description = _RESPONSES[status]
    response: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _RETRY_AFTER:
        response["headers"] = {
            "Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
        }
    return response
