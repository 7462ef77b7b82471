"""What a body or a query must be beyond the types of its fields, said in JSON Schema as well as in words."""

from collections.abc import Sequence
from typing import Any

from retrieval.source import all_sources

_METHODS = ("get", "post", "put", "delete")
# Of a body: a list, or one alone.
_LISTS = ("user_id", "item_id", "creator_id", "tag", "category", "language", "creator", "exclude", "sources")
_INVALIDATED = ("user_id", "item_id", "creator_id", "tag")


def given(name: str) -> dict[str, Any]:
    """The property is there, and says something: null means absent."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def exactly_one(names: Sequence[str]) -> dict[str, Any]:
    return {"oneOf": [given(name) for name in names]}


def at_most_one(names: Sequence[str]) -> dict[str, Any]:
    return {"oneOf": [*exactly_one(names)["oneOf"], {"not": {"anyOf": [given(name) for name in names]}}]}


def be_precise(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook after it has made the document."""
    schemas = result["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            # Each is a StrictSerializer, whose docstring is for us.
            schema["additionalProperties"] = False
            schema.pop("description", None)
            properties = schema.get("properties", {})
            _name_sources(properties)
            for listed in {*_LISTS} & {*properties}:
                properties[listed] = _or_one(properties[listed])
    schemas["CandidatesBodyRequest"] |= exactly_one(("user_id", "user"))
    some = [{"required": [name], "properties": {name: {"minItems": 1}}} for name in _INVALIDATED]
    schemas["InvalidationBodyRequest"]["anyOf"] = some
    context = schemas["CandidatesBodyRequest"]["properties"]["context"]
    context["maxProperties"] = 50
    context["additionalProperties"]["type"] = ["string", "number"]
    for operation in _operations(result):
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
        for parameter in operation.get("parameters", ()):
            _of_query(parameter)
    return result


def _operations(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [item[method] for item in result["paths"].values() for method in _METHODS if method in item]


def _of_query(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    if parameter["in"] == "path" and parameter["name"] == "source":
        schema["enum"] = sorted(all_sources())
    if parameter["in"] == "query" and schema.get("type") == "array":
        _name_sources({parameter["name"]: schema})
        # `tag=` says nothing, and is passed over.
        schema["items"].pop("minLength", None)


def _or_one(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") != "array":
        return schema
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {"anyOf": [schema, schema["items"]], **described}


def _name_sources(properties: dict[str, Any]) -> None:
    if "sources" in properties:
        properties["sources"]["items"] = {"type": "string", "enum": sorted(all_sources())}
