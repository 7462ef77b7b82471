"""A source that behaves as a file says: installed by `benchmarks.faults.settings` alone."""
