"""What an answer can be compared with."""

from dataclasses import dataclass
from datetime import datetime

from console.inspector.shown_before import earlier_requests
from retrieval.models import MixRevision, ModelVersion

_MIXES, _MODELS = 30, 10


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Offered:
    mixes: tuple[Option, ...]
    models: tuple[Option, ...]
    past: tuple[Option, ...]


def offered(user_id: int, now: datetime) -> Offered:
    """The newest of each; versions that can serve. user_id: 0, somebody unknown, has no past."""
    servable = (ModelVersion.State.READY, ModelVersion.State.LIVE)
    revisions = MixRevision.objects.defer("body")[:_MIXES]
    versions = ModelVersion.objects.filter(state__in=servable).only("id", "state")[:_MODELS]
    return Offered(
        tuple(Option(f"mix:{one.number}", f"#{one.number} {one.note}") for one in revisions),
        tuple(Option(f"model:{one.pk}", str(one)) for one in versions),
        tuple(
            Option(f"past:{one.request_id}", f"{one.shown_at:%d %b, %H:%M:%S}, {one.places} places")
            for one in (earlier_requests(user_id, now) if user_id else ())
        ),
    )
