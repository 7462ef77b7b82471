"""An application for tests of the server: says which process answers, and loads as the test's file tells it to."""

import os
import time
from pathlib import Path
from typing import Any

_file = Path(os.environ["TINY"])
_how = _file.read_text()
if _how == "broken":
    _file.with_name("tried").touch()
    raise RuntimeError("new code that doesn't work")
time.sleep(float(_how))


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
