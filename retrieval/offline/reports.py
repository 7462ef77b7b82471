"""A version's report, written key by key: two tasks may add to it at the same time."""

import json
from typing import Any

from django.db import connection

from retrieval.models import ModelVersion


def remember(version_id: int, key: str, value: Any) -> None:
    """Sets one key of the report, whatever else is being written."""
    table = ModelVersion._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET report = report || jsonb_build_object(%s::text, %s::jsonb) WHERE id = %s",  # noqa: S608
            [key, json.dumps(value), version_id],
        )
