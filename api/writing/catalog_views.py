"""The catalog in: items, users, follows and blocks, each in bulk."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from django.db import DatabaseError
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.external_ids import path_id
from api.models import Scope
from api.problems import FieldError
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from api.writing import documents
from api.writing.bodies import read_rows
from api.writing.catalog_shapes import BLOCK, FOLLOW, ITEM, USER
from api.writing.outcomes import DELETE_STATUSES, PUT_STATUSES, outcome, rejected
from api.writing.recorded import record
from api.writing.shapes import Shape
from catalog.writing import (
    ItemFields,
    RowResult,
    delete_blocks,
    delete_follows,
    delete_items,
    put_blocks,
    put_follows,
    put_items,
    put_users,
)
from retrieval import toplists
from retrieval.explain import UnknownItem
from retrieval.types import RetrievalError

log = structlog.get_logger(__name__)
Row = TypeVar("Row")


class Items(ApiView):
    required_scope = Scope.CATALOG

    @documents.put_items
    def put(self, request: Request, **_: str) -> HttpResponse:
        return _each_row(request, ITEM, _put_items, id_name="item_id", statuses=PUT_STATUSES)


class Item(ApiView):
    required_scope = Scope.CATALOG

    @documents.delete_item
    def delete(self, request: Request, item_id: str, **_: str) -> HttpResponse:
        (result,) = delete_items([path_id("item_id", item_id)])
        if result.status == "missing":
            raise UnknownItem(f"There is no item {item_id!r}.")
        return json_response(
            {"request_id": request_id_of(request), "item_id": item_id, "status": result.status}
        )


class Users(ApiView):
    required_scope = Scope.CATALOG

    @documents.put_users
    def put(self, request: Request, **_: str) -> HttpResponse:
        def write(rows: Sequence[Any]) -> list[RowResult]:
            return put_users(rows, timezone.now())

        return _each_row(request, USER, write, id_name="user_id", statuses=PUT_STATUSES)


class Follows(ApiView):
    required_scope = Scope.CATALOG

    @documents.put_follows
    def put(self, request: Request, **_: str) -> HttpResponse:
        def write(rows: Sequence[Any]) -> list[RowResult]:
            return put_follows(rows, timezone.now())

        return _each_row(request, FOLLOW, write, id_name="user_id", statuses=PUT_STATUSES)

    @documents.delete_follows
    def delete(self, request: Request, **_: str) -> HttpResponse:
        return _each_row(request, FOLLOW, delete_follows, id_name="user_id", statuses=DELETE_STATUSES)


class Blocks(ApiView):
    required_scope = Scope.CATALOG

    @documents.put_blocks
    def put(self, request: Request, **_: str) -> HttpResponse:
        def write(rows: Sequence[Any]) -> list[RowResult]:
            return put_blocks(rows, timezone.now())

        return _each_row(request, BLOCK, write, id_name="user_id", statuses=PUT_STATUSES)

    @documents.delete_blocks
    def delete(self, request: Request, **_: str) -> HttpResponse:
        return _each_row(request, BLOCK, delete_blocks, id_name="user_id", statuses=DELETE_STATUSES)


def _each_row(
    request: Request,
    shape: Shape[Row],
    write: Callable[[Sequence[Row]], list[RowResult]],
    *,
    id_name: str,
    statuses: Sequence[str],
) -> HttpResponse:
    """Writes the rows that can be read; `id_name` is the key of each result's external id. What is put is an import."""
    rows = read_rows(request.data, shape)
    written = iter(write(rows.good))
    results = [
        rejected(row, **{id_name: None})
        if isinstance(row, FieldError)
        else _result(next(written), shape, id_name)
        for row in rows.read
    ]
    if statuses is PUT_STATUSES:
        record(request, shape.plural, results, single=rows.single)
    return outcome(request, results, statuses, single=rows.single)


def _result(result: RowResult, shape: Shape[Any], id_name: str) -> dict[str, Any]:
    if result.status == "rejected":
        error = FieldError(shape.name_of(result.field), "invalid", result.reason)
        return rejected(error, **{id_name: result.external_id})
    return {"status": result.status, id_name: result.external_id}


def _put_items(rows: Sequence[ItemFields]) -> list[RowResult]:
    now = timezone.now()
    results = put_items(rows, now)
    if changed := [result.internal_id for result in results if result.changed]:
        try:
            toplists.enter_items(changed, now)
        except (RetrievalError, DatabaseError) as error:
            # They are stored; the next rebuild finds them.
            log.warning("new items did not enter the top lists", items=len(changed), error=str(error))
    return results
