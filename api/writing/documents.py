"""Bulk writes, as OpenAPI shows them."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from api.openapi import ITEM_ID
from api.writing.bodies import rows_schema
from api.writing.catalog_shapes import BLOCK, FOLLOW, ITEM, USER
from api.writing.event_shape import EVENT, EventParameters
from api.writing.event_shape import STATUSES as EVENT_STATUSES
from api.writing.impression_shape import IMPRESSION
from api.writing.impression_shape import STATUSES as IMPRESSION_STATUSES
from api.writing.outcomes import DELETE_STATUSES, PUT_STATUSES, outcome_schema
from api.writing.schemas import deletion_schema
from api.writing.shapes import Shape

Method = TypeVar("Method", bound=Callable[..., Any])
_MANY = (
    "One object, a list, or an object with a list; at most 10,000 rows. Each row succeeds or fails on its own: "
    "200 where all are in, 207 where some are refused, 400 where the body was a single row and is refused."
)


def _bulk(
    name: str, summary: str, shape: Shape[Any], statuses: tuple[str, ...], example: Any, **more: Any
) -> Callable[[Method], Method]:
    document = outcome_schema(statuses)
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=f"{more.pop('description', '')} {_MANY}".strip(),
        request={"application/json": rows_schema(shape)},
        responses={
            200: OpenApiResponse(document, description="Every row is in."),
            207: OpenApiResponse(
                document, description="Some rows were refused; `results` says which and why."
            ),
        },
        examples=[OpenApiExample("Rows", value={shape.plural: example}, request_only=True)],
        **more,
    )


events = _bulk(
    "send_events",
    "Send events",
    EVENT,
    EVENT_STATUSES,
    [
        {
            "event_id": "e-1",
            "user_id": 196,
            "item_id": 242,
            "type": "click",
            "occurred_at": "2026-01-31T12:00:00Z",
        }
    ],
    description=(
        "Committed when it is acknowledged, and seen by the very next request. Sent again with the same `event_id` "
        "it is a duplicate and changes nothing, so a failed request may be repeated as it is."
    ),
    parameters=[EventParameters],
    tags=["events"],
)
impressions = _bulk(
    "send_impressions",
    "Send impressions",
    IMPRESSION,
    IMPRESSION_STATUSES,
    [
        {
            "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "user_id": 196,
            "item_id": 242,
            "position": 50,
            "source": "new_items",
            "propensity": 0.01,
        }
    ],
    description=(
        "What was shown. New items are judged by them, and an event with the same `request_id` and item counts as "
        "what the impression led to. Sent again, an item of a request is a duplicate and changes nothing."
    ),
    tags=["events"],
)
put_items = _bulk(
    "put_items",
    "Create or change items",
    ITEM,
    PUT_STATUSES,
    [{"item_id": 242, "title": "Kolya (1996)", "category": "Comedy", "tags": ["Comedy"], "language": "cs"}],
    description="What is left out stays as it is. New items can be candidates at once.",
    tags=["items"],
)
put_users = _bulk(
    "put_users",
    "Create or change users",
    USER,
    PUT_STATUSES,
    [{"user_id": 196, "age_group": "45-54", "attributes": {"occupation": "writer"}}],
    description="What is left out stays as it is.",
    tags=["users"],
)
_FOLLOWS = [{"user_id": 196, "followee_id": 12}, {"user_id": 196, "creator_id": "coen"}]
put_follows = _bulk(
    "put_follows", "Follow users and creators", FOLLOW, PUT_STATUSES, _FOLLOWS, tags=["users"]
)
delete_follows = _bulk("delete_follows", "Unfollow", FOLLOW, DELETE_STATUSES, _FOLLOWS, tags=["users"])
_BLOCKS = [{"user_id": 196, "item_id": 242}, {"user_id": 196, "tag": "Horror"}]
put_blocks = _bulk(
    "put_blocks", "Block items, creators and tags", BLOCK, PUT_STATUSES, _BLOCKS, tags=["users"]
)
delete_blocks = _bulk("delete_blocks", "Unblock", BLOCK, DELETE_STATUSES, _BLOCKS, tags=["users"])
delete_item = extend_schema(
    operation_id="delete_item",
    tags=["items"],
    summary="Delete an item",
    description="With its events, follows and blocks. To hide it only, put it with `active: false`.",
    parameters=[ITEM_ID],
    responses={200: deletion_schema("item_id", ["deleted"])},
)
