"""Chunks of users to several processes and their answers, in order, into one file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from retrieval.batch.answering import Chunk, Question, answer_chunk
from retrieval.batch.encoding import writing
from retrieval.batch.spreading import spread

USERS_AT_ONCE = 32


@dataclass(slots=True)
class Tally:
    """How many users were answered; of them strangers, answers that lack a source's help, and short ones."""

    users: int = 0
    unknown: int = 0
    degraded: int = 0
    short: int = 0

    def add(self, chunk: Chunk) -> None:
        self.users += chunk.users
        self.unknown += chunk.unknown
        self.degraded += chunk.degraded
        self.short += chunk.short


def run(
    users: Iterable[str],
    question: Question,
    out: Path,
    *,
    processes: int,
    on_progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """One row per user in `out`, in the order of `users`, of which only a few are held at a time.

    processes: 0 works in this one. Raises RetrievalError; then `out` is as it was.
    """
    tally = Tally()
    answered = spread(partial(answer_chunk, question=question), in_chunks(users), processes=processes)
    with writing(out) as sink:
        for chunk in answered:
            sink.write(chunk.encoded)
            tally.add(chunk)
            on_progress(tally)
    return tally


def in_chunks(users: Iterable[str]) -> Iterator[list[str]]:
    """So many as one statement may read of."""
    remaining = iter(users)
    while chunk := list(islice(remaining, USERS_AT_ONCE)):
        yield chunk
