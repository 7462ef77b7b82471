"""The admin's pages. Those of the apps below are here, because what is below must not know of a theme."""

from django.contrib import admin

from console.admin import (
    accounts,
    audience_page,
    budget,
    catalog,
    coldstart,
    experiments,
    metrics,
    mixes,
    new_items,
    versions,
)
from console.cache import pages as cache
from console.data import data_page, erasure_pages, import_pages, recorded_pages

__all__ = [
    "accounts",
    "audience_page",
    "budget",
    "cache",
    "catalog",
    "coldstart",
    "data_page",
    "erasure_pages",
    "experiments",
    "import_pages",
    "metrics",
    "mixes",
    "new_items",
    "recorded_pages",
    "versions",
]

admin.site.index_title = "Home"
