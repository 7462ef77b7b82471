"""Real Postgres and Valkey from wheels, for development, tests and the demo; production never imports it."""
