"""All that the product must not lose is in Postgres, trained files too: one file of pg_dump's holds it."""

from recsys_site.backups.dumping import dump
from recsys_site.backups.restoring import Restored, restore
from recsys_site.backups.tools import BackupError

__all__ = ["BackupError", "Restored", "dump", "restore"]
