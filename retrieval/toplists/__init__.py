"""The best items of each tag, category and creator, and of the whole catalogue, kept ready in Postgres.

Matching tags when asked would read every item that has one; a list is one row. Scores are positive and comparable
between lists: popularity with a time constant of 30 days, and a little for being new.
"""

from retrieval.toplists.building import rebuild
from retrieval.toplists.entering import enter_items
from retrieval.toplists.reading import ListKey, forget_kept, lists_of, top_lists

__all__ = ["ListKey", "enter_items", "forget_kept", "lists_of", "rebuild", "top_lists"]
