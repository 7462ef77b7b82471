"""Cold start measured: people and films that the product has never seen."""
