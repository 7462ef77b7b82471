"""API keys as staff handle them: made, rotated, revoked, and seen when they were last used."""
