"""When and of what a kept value was made: what tells whether it is still true."""

import math
import random
import struct
import time
from dataclasses import dataclass
from typing import Self

_FIXED = struct.Struct("<dddqqIH")


class UnreadableCache(ValueError):
    """Bytes that this version did not write: treated as a miss."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """snapshot: what had committed when the value's facts were read, "" where that is not known.

    expires_at_s is when it is no longer fresh; the store may keep it for longer. cost_s is how long it took to make.
    """

    made_at_s: float  # Unix time
    expires_at_s: float
    cost_s: float
    user_id: int
    history_version: int
    k: int  # how many it was made for
    snapshot: str

    @classmethod
    def now(cls, ttl_s: float, user_id: int, history_version: int) -> Self:
        """Of what is made this moment and depends on the user alone."""
        made_at_s = time.time()
        return cls(made_at_s, made_at_s + ttl_s, 0.0, user_id, history_version, 0, "")

    def age_s(self) -> float:
        return max(time.time() - self.made_at_s, 0.0)

    def left_s(self) -> float:
        """Seconds until it expires, below 0 where it has."""
        return self.expires_at_s - time.time()

    def expired(self) -> bool:
        return self.left_s() <= 0

    def due_early(self) -> bool:
        """Whether this request should make it anew before it expires: now and then, the likelier the closer and the
        dearer, so that not everybody finds it expired at once (XFetch, Vattani, Chierichetti and Lowenstein 2015,
        with beta 1)."""
        # 1 − random() is above 0.
        ahead_s = -self.cost_s * math.log(1.0 - random.random())  # noqa: S311  no secret
        return ahead_s >= self.left_s()

    def packed(self) -> bytes:
        text = self.snapshot.encode()
        return (
            _FIXED.pack(
                self.made_at_s,
                self.expires_at_s,
                self.cost_s,
                self.user_id,
                self.history_version,
                self.k,
                len(text),
            )
            + text
        )

    @classmethod
    def unpacked(cls, data: bytes, at: int) -> tuple[Self, int]:
        """(the stamp, where it ends). Raises UnreadableCache."""
        try:
            made, expires, cost, user, version, k, length = _FIXED.unpack_from(data, at)
            start = at + _FIXED.size
            if start + length > len(data):
                raise UnreadableCache("cut off")
            snapshot = data[start : start + length].decode()
            return cls(made, expires, cost, user, version, k, snapshot), start + length
        except (struct.error, UnicodeDecodeError) as error:
            raise UnreadableCache(str(error)) from error


def jittered(ttl_s: float) -> float:
    """A tenth more or less, so that what is written together does not expire together."""
    return ttl_s * random.uniform(0.9, 1.1)  # noqa: S311  no secret
