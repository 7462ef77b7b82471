"""Thompson sampling over the engagement rates of new items, with propensities that are exact."""
