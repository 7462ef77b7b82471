"""The whole product under mixed traffic for long enough to see what grows."""
