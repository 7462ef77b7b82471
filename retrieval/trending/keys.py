"""Where trending lives in Valkey: all keys in one cluster slot, so that one script can move them together."""

from retrieval.valkey import key

# A rebuild that died leaves no journal behind for longer than this.
JOURNAL_TTL_S = 900


def state_key() -> str:
    """A hash: landmark (Unix time in s), rebuilt_at (Unix time; absent before the first rebuild), moves (goes up
    whenever a score does)."""
    return key("{trending}", "state")


def all_key() -> str:
    """Sorted set of item ids of the whole catalogue."""
    return key("{trending}", "all")


def category_prefix() -> str:
    """Followed by the category: a sorted set of its item ids."""
    return key("{trending}", "category", "")


def categories_key() -> str:
    """The set of categories that have a sorted set."""
    return key("{trending}", "categories")


def usual_key() -> str:
    """Bytes: what is usual of each item, as `rising` packs it."""
    return key("{trending}", "usual")


def journal_key() -> str:
    """A list of what arrives while a rebuild reads Postgres, by columns. Its first is empty, then two per script: item,
    category, amount; and the events, those of an item together: count (per item), id, t, weight."""
    return key("{trending}", "journal3")


def staging_prefix() -> str:
    """Followed by the rest of a live key: where a rebuild writes before it swaps."""
    return key("{trending}", "next", "")
