"""What web processes leave on this machine's disk for one that starts while Postgres is away.

It is asked only while Postgres can't be, by who has not read Postgres itself: as soon as that is there it decides.
"""

from catalog.last_known.file import LastKnownFile, Left
from catalog.last_known.leaving import Leaver, Part, leave_behind

__all__ = ["LastKnownFile", "Leaver", "Left", "Part", "leave_behind"]
