"""What is close in the graph of likes and tags: random walks that begin at what the user liked."""

import numpy as np

from retrieval.graph import graph_of
from retrieval.likes import recent_likes
from retrieval.sets import among
from retrieval.source import Course, register
from retrieval.types import Context, Found
from retrieval.walks import Walks, walk

STARTS = 50
STEP_DECAY = 0.96


@register
class RandomWalks:
    name = "random_walks"
    label = "Random walks"
    explores = False
    course = Course.APART
    reason = "close to {seed} in what people like"

    def applies_to(self, context: Context) -> bool:
        return context.model is not None and context.model.has_graph and len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """The items that walkers from the user's last likes visit most (Pixie: Eksombatchai et al. 2018), recent likes
        sending more of them. The same walks for the same context: its seed is theirs.

        No query: the graph is in the process, read in the background once a version. Options: `starts`,
        `step_decay`, `steps`, `restart`, `walkers`.
        """
        if context.model is None or k <= 0:
            return Found.empty()
        options, default = context.options, Walks()
        graph = graph_of(
            context.model.version, as_of=context.model.graph_changed_at, deadline=context.deadline
        )
        liked, shares = recent_likes(
            context,
            most=int(options.get("starts", STARTS)),
            step_decay=float(options.get("step_decay", STEP_DECAY)),
        )
        known = among(liked, graph.item_ids)
        starts, weights = np.searchsorted(graph.item_ids, liked[known]), shares[known].astype(np.float64)
        linked = graph.item_starts[starts + 1] > graph.item_starts[starts]
        starts, weights = starts[linked], weights[linked]
        walks = Walks(
            steps=int(options.get("steps", default.steps)),
            walkers=int(options.get("walkers", default.walkers)),
            restart=float(options.get("restart", default.restart)),
        )
        visited = walk(graph, starts, weights, np.random.default_rng(context.seed), walks)
        item_ids = graph.item_ids[visited.places]
        new = np.flatnonzero(~among(item_ids, context.engaged()))
        best = new[np.argsort(-visited.scores[new], kind="stable")[:k]]
        seeds = graph.item_ids[starts[visited.starts[best]]]
        return Found(item_ids[best], visited.scores[best].astype(np.float32), seeds)
