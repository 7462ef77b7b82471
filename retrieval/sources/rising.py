"""What more people turn to than usual: the steepest rise, where trending has the highest level."""

from retrieval import trending
from retrieval.source import Course, register
from retrieval.types import Context, Found


@register
class Rising:
    name = "rising"
    label = "Rising"
    explores = False
    course = Course.NEXT
    reason = "quickly becoming popular"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """The items with the most above what is usual of them: see `retrieval.trending.rising`. No query; two reads of
        Valkey, one where trending has not moved. Without Valkey it fails: there is no floor for a rise."""
        return trending.rising(k, context.now) if k > 0 else Found.empty()
