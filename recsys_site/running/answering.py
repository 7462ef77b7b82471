"""Whether an address is free, and whether the product answers there."""

import http.client
import socket
import time
from collections.abc import Callable


def is_free(host: str, port: int) -> bool:
    """True where a server could listen at once."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
        # As servers do: connections of a server that just ended do not keep the port taken.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return False
    return True


def ready(host: str, port: int, *, timeout_s: float = 2) -> bool:
    """True where /readyz says so."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_ready(
    host: str, port: int, *, still_starting: Callable[[], bool], patience_s: float = 60
) -> bool:
    """True once it is ready; False where it no longer starts or `patience_s` passed."""
    give_up_at = time.monotonic() + patience_s
    while still_starting() and time.monotonic() < give_up_at:
        if ready(host, port):
            return True
        time.sleep(0.1)
    return False
