"""For a container's health check: ends with 0 where the web here answers /readyz with 200, else with 1.

It calls itself the first of ALLOWED_HOSTS, because Django refuses the loopback's name in production.
"""

import http.client
import os
import sys

_WAITS_S = 4.0


def is_ready(port: int, host: str) -> bool:
    """True where /readyz says 200 within four seconds, asked at 127.0.0.1:`port` under the name `host`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAITS_S)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def allowed_host(hosts: str) -> str:
    """A name that ALLOWED_HOSTS=`hosts` lets through: the first one, a pattern `.example` as `example`."""
    first = hosts.split(",", maxsplit=1)[0].strip()
    return "localhost" if first in {"", "*"} else first.removeprefix(".")


if __name__ == "__main__":
    ready = is_ready(int(os.environ.get("PORT") or 8000), allowed_host(os.environ.get("ALLOWED_HOSTS", "")))
    sys.exit(0 if ready else 1)
