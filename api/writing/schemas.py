"""Small pieces of JSON Schema that describe columns."""

from typing import Any


def described(kind: str, description: str, **more: Any) -> dict[str, Any]:
    """A value of this JSON type, or null for absent."""
    return {"type": [kind, "null"], "description": description, **more}


def text_schema(description: str, max_length: int) -> dict[str, Any]:
    return described("string", description, maxLength=max_length)


def id_schema(description: str, max_length: int = 255) -> dict[str, Any]:
    return {
        "type": ["string", "integer", "null"],
        "description": f"{description} Text or a whole number, kept exactly.",
        "minLength": 1,
        "maxLength": max_length,
    }


def deletion_schema(id_name: str, statuses: list[str]) -> dict[str, Any]:
    properties = {
        "request_id": {"type": "string"},
        id_name: {"type": "string"},
        "status": {"type": "string", "enum": statuses},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
