"""Erasure and export, as OpenAPI shows them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from api.openapi import USER_ID
from retrieval.models import Erasure

_Document = serializers.Serializer[Any]
_NOT_FOUND = OpenApiResponse(
    {"$ref": "#/components/schemas/Problem"}, description="There is no such thing here."
)
_PROBLEM = {(404, "application/problem+json"): _NOT_FOUND}


class ErasureDocument(_Document):
    receipt = serializers.UUIDField(help_text="Names this erasure for good; it holds nothing of the person.")
    status = serializers.ChoiceField(
        choices=["erasing", "complete"],
        help_text="erasing: the tables are clean, and copies in the cache, graphs and training snapshots follow, "
        "mostly within two minutes.",
    )
    erased_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    user_hash = serializers.CharField(
        help_text="HMAC-SHA256 of the id, under this installation's secret key."
    )
    rows = serializers.DictField(
        child=serializers.IntegerField(min_value=0), help_text="Rows erased at once, by table."
    )
    copies = serializers.DictField(
        child=serializers.IntegerField(min_value=0), help_text="What was erased in the background, by place."
    )


class DeletedUser(_Document):
    request_id = serializers.CharField()
    user_id = serializers.CharField()
    status = serializers.ChoiceField(choices=["deleted", "missing"])
    erasure = ErasureDocument(allow_null=True, help_text="null where there was nobody to erase.")


class ErasureAnswer(_Document):
    request_id = serializers.CharField()
    erasure = ErasureDocument()


class HeldDocument(_Document):
    user_id = serializers.CharField()
    exported_at = serializers.DateTimeField()
    tables = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()),
        help_text="By table, the rows; other people, items and types by the names you know.",
    )


delete_user = extend_schema(
    operation_id="delete_user",
    tags=["users"],
    summary="Erase a user",
    description="From every table, and in the background from the cache, graphs and training snapshots. The receipt "
    "says what was erased. Done again, it says `missing` and is no error.",
    parameters=[USER_ID],
    responses={200: DeletedUser},
)
get_erasure = extend_schema(
    operation_id="erasure",
    tags=["users"],
    summary="The receipt of an erasure",
    parameters=[
        OpenApiParameter(
            "receipt", OpenApiTypes.UUID, OpenApiParameter.PATH, description="As the erasure answered it."
        )
    ],
    responses={200: ErasureAnswer, **_PROBLEM},
)
export_user = extend_schema(
    operation_id="export_user",
    tags=["users"],
    summary="All that is held about a user",
    description="Every row of every table that refers to the user. What is derived and forgotten within the hour, as "
    "candidates in the cache, is not in it.",
    parameters=[USER_ID],
    responses={200: HeldDocument, **_PROBLEM},
)


def erasure_document(erasure: Erasure) -> dict[str, Any]:
    return {
        "receipt": erasure.receipt,
        "status": erasure.status,
        "erased_at": erasure.erased_at,
        "completed_at": erasure.completed_at,
        "user_hash": erasure.user_hash,
        "rows": erasure.rows,
        "copies": erasure.copies,
    }
