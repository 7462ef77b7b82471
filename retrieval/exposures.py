"""Whom an answer exposed to which arms: noted beside the request."""

from datetime import datetime

from experiments.exposing import Exposed, note
from retrieval.answer import Answer
from retrieval.config import config


def log_exposures(answer: Answer, now: datetime) -> None:
    """For users whom the catalogue knows, and experiments whose arms are served differently in such an answer."""
    if not (answer.had_a_say and answer.user_id):
        return
    exposed = Exposed(
        user_id=answer.user_id,
        arms=tuple((one.experiment.id, one.arm.id) for one in answer.had_a_say),
        at=now,
        ms=answer.timings_ms.get("total", 0.0),
        short=len(answer.pool) < answer.asked,
    )
    # A process without connections of its own is a test, and looks at once.
    note(exposed, inline=not config().hot_pool_size)
