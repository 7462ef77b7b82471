"""Files of users, items, follows and events into the catalog: streamed, and each bad row named."""

from catalog.imports.kind import Options
from catalog.imports.kinds import KINDS
from catalog.imports.opening import open_source
from catalog.imports.rows import BadRow, ImportFileError
from catalog.imports.running import import_rows

__all__ = ["KINDS", "BadRow", "ImportFileError", "Options", "import_rows", "open_source"]
