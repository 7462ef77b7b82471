"""The admin's pages. Those of the apps below are here, because what is below must not know of a theme."""

from console.admin import accounts, catalog, coldstart, experiments, mixes, new_items, versions
from console.cache import pages as cache
from console.data import data_page, erasure_pages, import_pages

__all__ = [
    "accounts",
    "cache",
    "catalog",
    "coldstart",
    "data_page",
    "erasure_pages",
    "experiments",
    "import_pages",
    "mixes",
    "new_items",
    "versions",
]
