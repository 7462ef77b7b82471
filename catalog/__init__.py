"""Users, items, follows and events. Knows nothing of recommendation."""
