"""A person's rights: to be erased, with a receipt, and to get all that is held."""

import uuid

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.authentication import client_of
from api.external_ids import path_id
from api.models import Scope
from api.privacy import documents
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from retrieval.erasing import erase, held_about
from retrieval.models import Erasure


class User(ApiView):
    required_scope = Scope.CATALOG

    @documents.delete_user
    def delete(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        name = path_id("user_id", user_id)
        owner = client_of(request)
        erasure = erase(
            name, by=f"API key {owner.prefix} ({owner.name})", why="DELETE by the API", now=timezone.now()
        )
        return json_response(
            {
                "request_id": request_id_of(request),
                "user_id": name,
                "status": "deleted" if erasure else "missing",
                "erasure": documents.erasure_document(erasure) if erasure else None,
            }
        )


class ErasureReceipt(ApiView):
    required_scope = Scope.CATALOG

    @documents.get_erasure
    def get(self, request: Request, receipt: uuid.UUID, **_: str) -> HttpResponse:
        erasure = Erasure.objects.filter(receipt=receipt).first()
        if erasure is None:
            raise Http404
        body = {"request_id": request_id_of(request), "erasure": documents.erasure_document(erasure)}
        return json_response(body)


class UserExport(ApiView):
    required_scope = Scope.ADMIN

    @documents.export_user
    def get(self, request: Request, user_id: str, **_: str) -> StreamingHttpResponse:
        pieces = held_about(path_id("user_id", user_id), timezone.now())
        if pieces is None:
            raise Http404
        return StreamingHttpResponse(pieces, content_type="application/json")
