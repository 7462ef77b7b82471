"""Django's backend for Postgres, which doesn't connect where Postgres did not answer a moment ago."""
