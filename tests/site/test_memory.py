import subprocess
import sys

import pytest

_TURNS = """
import resource, sys
if sys.argv[1] == "kept":
    from recsys_site.memory import keep_freed_memory
    keep_freed_memory()
def turn():
    parts = [bytearray(b"1") * 300_000 for _ in range(10)]
turn()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    turn()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's own tuning")
def test_what_was_freed_is_used_again_without_the_kernel():
    def faults(how: str) -> int:
        command = [sys.executable, "-c", _TURNS, how]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert faults("kept") < faults("given back") / 4
