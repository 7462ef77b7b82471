"""`make test-faults` and `make soak`: the whole product under load, broken in every way that we could think of."""
