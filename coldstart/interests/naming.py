"""Names for groups of items: the tags that are commoner in the group than elsewhere, a decade where two would be alike.
Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from catalog.models import Item

# The second tag must say at least this much of what the first one says.
_SECOND = 0.45


@dataclass(frozen=True, slots=True)
class Group:
    """Items that go together, the most liked first; `about`: the tag that all have, where that made them one."""

    items: Sequence[Item]
    about: str = ""


def named(groups: Sequence[Group]) -> list[tuple[str, list[str], Group]]:
    """(name, the tags in it, the group) of each group that has a name, no name twice."""
    everywhere = Counter(tag for group in groups for item in group.items for tag in _tags(item))
    total = sum(len(group.items) for group in groups)
    found: list[tuple[str, list[str], Group]] = []
    taken: set[str] = set()
    for group in groups:
        tags = [group.about] if group.about else _distinctive(group, everywhere, total)
        # In one order: "Comedy & Romance" beside "Romance & Comedy" would puzzle people.
        plain = " & ".join(sorted(tags))
        lead = group.items[0].title if group.items else ""
        choices = [plain, f"{plain}, {_decade(group)}", f"{plain} like {_short(lead)}"]
        name = next((one[:100] for one in choices if tags and one not in taken and not one.endswith(" ")), "")
        if name:
            taken.add(name)
            found.append((name, tags, group))
    return found


def _tags(item: Item) -> list[str]:
    return list(item.tags) or ([item.category] if item.category else [])


def _distinctive(group: Group, everywhere: Counter[str], total: int) -> list[str]:
    """One or two tags, by share in the group × logarithm of how much commoner it is there."""
    size = len(group.items)
    counts = Counter(tag for item in group.items for tag in _tags(item))
    says = {
        tag: count / size * log((count / size) / (everywhere[tag] / total)) for tag, count in counts.items()
    }
    best = sorted(says, key=lambda tag: (-says[tag], tag))[:2]
    return [tag for tag in best if says[tag] > 0 and says[tag] >= _SECOND * says[best[0]]] or best[:1]


def _decade(group: Group) -> str:
    """Like "1980s", of the middle item; "" where dates are unknown or far apart."""
    years = [item.published_at.year for item in group.items if item.published_at]
    if not years or np.subtract(*np.percentile(years, [75, 25])) > 15:
        return ""
    return f"{int(np.median(years)) // 10 * 10}s"


def _short(title: str) -> str:
    """Without the year in brackets, and with the article where it is spoken."""
    name = title.partition(" (")[0]
    for article in ("The", "A", "An"):
        if name.endswith(f", {article}"):
            return f"{article} {name[: -len(article) - 2]}"
    return name
