from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """since: None where nobody can know. do: the remedy. link: where to do it or to look further."""

    what: str
    since: datetime | None
    do: str
    link: str
    urgent: bool = False
