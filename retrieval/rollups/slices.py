"""By what a day is told apart: surface, new against returning people and both, of everybody and of each arm.

In the statements and tables NULL stands for all: of everybody (`variant_id`), on every surface, whoever they are. A
surface that nobody named is ''.
"""

# Surfaces are named by clients: of a day those beyond the most frequent are in what is of all surfaces only.
SURFACES = 50
OF_ALL = """
(variant_id, surface), (variant_id, newcomer), (variant_id, surface, newcomer)
"""
OF_ARMS = f"(variant_id), {OF_ALL}"
# An experiment's answers and events, from a user's exposure to its end.
EXPOSED = """
JOIN experiments_exposure AS exposed ON exposed.user_id = {of}.user_id AND exposed.exposed_at <= {of}.{at}
JOIN experiments_experiment AS experiment ON experiment.id = exposed.experiment_id
    AND (experiment.stopped_at IS NULL OR experiment.stopped_at > {of}.{at})
"""
# A day without experiments isn't read a second time.
ANY_ARMS = """
SELECT EXISTS (SELECT FROM experiments_experiment
               WHERE started_at < %(until)b::timestamptz
                   AND (stopped_at IS NULL OR stopped_at > %(start)b::timestamptz))
"""


def frequent(of: str, count: str) -> str:
    """A condition: of the surfaces in the rows `of`, the most frequent by `count`."""
    return f"""surface IS NULL OR surface IN (
        SELECT surface FROM {of} WHERE surface IS NOT NULL AND newcomer IS NULL
        GROUP BY surface ORDER BY sum({count}) DESC, surface LIMIT {SURFACES}
    )"""  # noqa: S608


def same(one: str, other: str) -> str:
    """A condition: the two are of the same slice."""
    return " AND ".join(
        f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in ("variant_id", "surface", "newcomer")
    )
