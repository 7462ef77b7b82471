"""What can be imported, by the word that names it."""

from typing import Any

from catalog.imports.events import EVENTS
from catalog.imports.follows import FOLLOWS
from catalog.imports.items import ITEMS
from catalog.imports.kind import Kind
from catalog.imports.users import USERS

KINDS: dict[str, Kind[Any]] = {"users": USERS, "items": ITEMS, "follows": FOLLOWS, "events": EVENTS}
