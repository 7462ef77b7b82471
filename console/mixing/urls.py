"""The editor's pages that are of no single revision; those that are belong to its actions in the admin."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from console.mixing.desk_page import desk
from console.mixing.editor_page import editor
from console.mixing.history_page import compare, history
from console.mixing.proposal_pages import approving, cancelling


def paths(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """wrap: what the admin puts around each of its views."""
    pages = {
        "desk/": ("desk", desk),
        "edit/": ("edit", editor),
        "surface-history/": ("surface_history", history),
        "compare/": ("compare", compare),
        "proposals/<int:number>/approve/": ("approve", approving),
        "proposals/<int:number>/cancel/": ("cancel", cancelling),
    }
    return [
        path(route, wrap(view), name=f"retrieval_mixrevision_{name}") for route, (name, view) in pages.items()
    ]
