"""Titles as people say them."""

import re

_ARTICLE = re.compile(r"^(?P<name>.+), (?P<article>The|A|An|Il|La|Le|Les|Das|Der|Die|El)$")


def spoken_title(title: str) -> str:
    """Without a year at the end, with the article in front: "Godfather, The (1972)" is "The Godfather"."""
    name = re.sub(r"(\s*\([^()]*\))+$", "", title).strip() or title
    found = _ARTICLE.match(name)
    return f"{found['article']} {found['name']}" if found else name
