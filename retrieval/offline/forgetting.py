"""Who was erased leaves the graphs of the versions that serve, or could by rolling back, within a minute."""

import datetime as dt

import numpy as np
from django.db import connection, transaction
from safetensors.numpy import load, save

from retrieval import artifacts
from retrieval.graph import ARTIFACT, Graph
from retrieval.models import ModelVersion, remember
from retrieval.types import Ids
from retrieval.versions import GRAPH_CHANGED_AT

# The ids of the people among a graph's groups, in their order; kept apart, so that no process that serves reads them.
_PEOPLE = "graph_people"
_GONE = """
SELECT person.id FROM unnest(%s::bigint[]) AS person(id)
WHERE NOT EXISTS (SELECT FROM catalog_user u WHERE u.id = person.id)
"""


def keep_graph(version_id: int, graph: Graph, people: Ids) -> None:
    """people: int64 [n], whose likes are the graph's first n groups."""
    with transaction.atomic():
        artifacts.save(version_id, ARTIFACT, graph.packed())
        artifacts.save(version_id, _PEOPLE, save({"user_ids": np.ascontiguousarray(people)}))


def forget_erased() -> dict[int, int]:
    """How many erased people left each version's graph, where any did. Not to be run twice at once.

    The edges of a version from before graphs knew their people stay until it retires.
    """
    serving = ModelVersion.objects.filter(state__in=[ModelVersion.State.LIVE, ModelVersion.State.READY])
    known = serving.filter(artifacts__name=_PEOPLE).order_by("id").values_list("id", flat=True)
    forgotten = {version_id: _forget(version_id) for version_id in known}
    return {version_id: count for version_id, count in forgotten.items() if count}


def _forget(version_id: int) -> int:
    try:
        people: Ids = load(artifacts.read(version_id, _PEOPLE))["user_ids"]
        gone = np.isin(people, gone_among(people))
        if not gone.any():
            return 0
        graph = Graph.unpacked(artifacts.read(version_id, ARTIFACT)).without_groups(np.flatnonzero(gone))
    except artifacts.ArtifactMissing:
        # Retired just now, with its files.
        return 0
    with transaction.atomic():
        keep_graph(version_id, graph, people[~gone])
        # Whoever sees that it changed reads what is changed.
        remember(version_id, GRAPH_CHANGED_AT, dt.datetime.now(dt.UTC).isoformat())
    return int(gone.sum())


def gone_among(people: Ids) -> Ids:
    """int64 [n]: those of them that the catalogue has no more."""
    with connection.cursor() as cursor:
        cursor.execute(_GONE, [people.tolist()])
        return np.fromiter((row[0] for row in cursor), np.int64)
