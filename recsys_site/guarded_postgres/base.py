"""Found by Django under this name: a database engine is a package with a module `base`."""

from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.db.utils import OperationalError
from psycopg.abc import PQGen

from recsys_site.guarded_postgres.patience import patience_s
from retrieval.bounded import BoundedConnection, NoAnswer
from retrieval.breakers import POSTGRES

RV = TypeVar("RV")
_CONNECTS_WITHIN_S = 1.0


class DjangoConnection(BoundedConnection):
    """Waits as long as the thread's patience says, and tells the breaker what came of it."""

    @classmethod
    def connects_within_s(cls) -> float | None:
        left_s = patience_s()
        return None if left_s is None else min(left_s, _CONNECTS_WITHIN_S)

    def patience_s(self) -> float | None:
        return patience_s()

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            answer = super().wait(gen, interval, timeout)
        except NoAnswer as error:
            POSTGRES.failed(str(error))
            raise
        POSTGRES.succeeded()
        return answer


class DatabaseWrapper(base.DatabaseWrapper):
    """Raises OperationalError where Postgres takes longer than the thread's patience, and at once, instead of waiting
    for a server that hangs, where it did not answer a moment ago: who asks has something else to serve, or tells
    the client to come again."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not POSTGRES.admits():
            raise OperationalError("Postgres did not answer a moment ago; it is asked again shortly.")
        try:
            connection = self._connected(conn_params)
        except psycopg.OperationalError as error:
            POSTGRES.failed(str(error))
            raise
        POSTGRES.succeeded()
        return connection

    def _connected(self, conn_params: dict[str, Any]) -> Any:
        if {"pool", "isolation_level"} & self.settings_dict["OPTIONS"].keys():
            return super().get_new_connection(conn_params)
        # What Django does where neither is set; it lets nobody choose the class.
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return DjangoConnection.connect(**conn_params)
