"""What drf-spectacular cannot find out by itself: the key, external ids, and the headers of every request."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

USER_ID = OpenApiParameter(
    "user_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The user's id with you. Nobody is unknown: a user without history gets what is hot.",
)
ITEM_ID = OpenApiParameter(
    "item_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="The item's id with you."
)
REQUEST_ID = OpenApiParameter(
    "X-Request-Id",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Your name for this request: up to 64 characters, echoed in the answer. We make one otherwise.",
)


class HeadwaterSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return [REQUEST_ID]


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key ` followed by a key of `manage.py create_key`.",
        }


class ExternalIdSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "api.external_ids.ExternalIdField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string"}
        return {"type": ["string", "integer"], "minLength": 1, "maxLength": 255}
