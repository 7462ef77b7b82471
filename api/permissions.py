"""What a key may do: every view names the scope it needs; one that names none serves nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.authentication import Client
from api.models import Scope

if TYPE_CHECKING:  # REST framework imports this module while it imports its views
    from rest_framework.views import APIView


def scope_of(view: APIView, method: str | None) -> str | None:
    """The scope that `view` declares for `method`: `required_scope` is one for all, or a dict by method."""
    declared: object = getattr(view, "required_scope", None)
    if isinstance(declared, dict):
        declared = declared.get("GET" if method == "HEAD" else method)
    return str(declared) if declared in Scope.values else None


class HasScope(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, Client):
            return False
        if request.method not in view.allowed_methods:
            return True  # there is nothing behind it: 405 says more than 403
        needed = scope_of(view, request.method)
        self.message = f"This key lacks the scope {needed}." if needed else "This view is closed."
        return needed is not None and bool({needed, Scope.ADMIN} & request.auth.scopes)
