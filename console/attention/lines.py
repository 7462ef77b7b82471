"""All the lines, from all the looks. A look is a function of the moment; adding one is adding it to `LOOKS`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from console.attention import background, data, experimenting, serving, spending
from console.attention.line import Attention
from retrieval.types import RetrievalError

Look = Callable[[datetime], Iterable[Attention]]

LOOKS: Sequence[Look] = (
    background.silent,
    background.behind,
    serving.stale_trends,
    spending.budgets,
    serving.degraded,
    serving.short,
    experimenting.mismatched,
    experimenting.harmful,
    serving.low_recall,
    serving.old_model,
    serving.failed_model,
    data.without_partition,
    data.refused_rows,
    experimenting.waiting_mix,
)


def attention(now: datetime) -> list[Attention]:
    """The urgent lines first. What a store that is away would say is left out: its light is red."""
    found: list[Attention] = []
    for look in LOOKS:
        try:
            found += look(now)
        except RetrievalError:
            continue
    return sorted(found, key=lambda line: not line.urgent)
