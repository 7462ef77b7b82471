"""The admin's pages. Those of the apps below are here, because what is below must not know of a theme."""

from django.contrib import admin

from console.admin import accounts, catalog, coldstart, experiments, metrics, mixes, new_items, versions

__all__ = ["accounts", "catalog", "coldstart", "experiments", "metrics", "mixes", "new_items", "versions"]

admin.site.index_title = "Home"
