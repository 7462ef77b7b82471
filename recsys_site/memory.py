"""Memory that a request frees is kept for the next one."""

import ctypes

_ARENAS, _TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -8, -1, -2, -3  # mallopt's names for them
_MB = 1_048_576


def keep_freed_memory() -> None:
    """Does nothing where the C library isn't glibc. It gives freed memory back at 128 KB already, in each of many
    arenas, and a request's arrays are larger: 370 page faults a request, and a millisecond of the kernel's time."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in (
        (_ARENAS, 1),
        (_TRIM_THRESHOLD, 128 * _MB),
        (_TOP_PAD, 16 * _MB),
        (_MMAP_THRESHOLD, 32 * _MB),
    ):
        mallopt(parameter, value)
