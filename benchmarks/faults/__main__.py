"""`make test-faults [CASES=words] [ROUNDS=100] [JSON=path] [MARKDOWN=path]`: the whole product in a scratch folder,
broken in one way after the other under load. Prints what clients got, what was lost and how soon all was whole again.
"""

import sys

from benchmarks.faults.apart import run_apart

if __name__ == "__main__":
    run_apart("benchmarks.faults.run", *sys.argv[1:])
