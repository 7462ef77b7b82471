"""`make soak [MINUTES=20] [JSON=path] [MARKDOWN=path]`: the whole product in a scratch folder under mixed traffic,
while mixes and model versions are published and taken back, its worker is killed and its web processes are reloaded.
"""

import sys

from benchmarks.faults.apart import run_apart

if __name__ == "__main__":
    run_apart("benchmarks.soak.run", *sys.argv[1:])
