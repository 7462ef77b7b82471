"""The table of one version's related items: made and filled; read by `retrieval.related`."""

import numpy as np
from django.db import connection, transaction
from psycopg import sql
from scipy.sparse import csr_array

from retrieval.offline.ridge import strongest
from retrieval.related import RELATED_DTYPE
from retrieval.types import Ids

# The related items that one row keeps; a source may read fewer.
MOST = 400


def write(table: str, item_ids: Ids, related: csr_array) -> int:
    """How many items have related ones. Replaces the table. item_ids: int64 [n_items]; related: [n_items, n_items]."""
    name = sql.Identifier(table)
    rows = np.flatnonzero(np.diff(related.indptr)).tolist()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name).as_string(None))
        # Packed numbers don't compress; EXTERNAL saves the attempt when written and read.
        made = "CREATE TABLE {} (item_id bigint PRIMARY KEY, related bytea STORAGE EXTERNAL NOT NULL)"
        cursor.execute(sql.SQL(made).format(name).as_string(None))
        raw = connection.connection.cursor()
        with raw.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(name)) as copy:
            copy.set_types(["int8", "bytea"])
            for row in rows:
                columns, weights = strongest(related, row, MOST)
                packed = np.empty(len(columns), RELATED_DTYPE)
                packed["item_id"], packed["weight"] = item_ids[columns], weights
                copy.write_row((int(item_ids[row]), packed.tobytes()))
        cursor.execute(sql.SQL("ANALYZE {}").format(name).as_string(None))
    return len(rows)
