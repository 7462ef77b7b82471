"""Found by Django under this name: a database engine is a package with a module `base`."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from retrieval.breakers import current_state

_POSTGRES = "postgres"


class DatabaseWrapper(base.DatabaseWrapper):
    """Raises OperationalError at once, instead of waiting for a server that hangs: who asks has something else to
    serve, or tells the client to come again."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if current_state(_POSTGRES) == "open":
            raise OperationalError("Postgres did not answer a moment ago; it is asked again shortly.")
        return super().get_new_connection(conn_params)
