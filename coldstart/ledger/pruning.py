"""What nobody asks for any more is removed; impressions themselves go with their month."""

from datetime import datetime, timedelta

from coldstart.models import Explored, Spending

# Long after a trial is over nobody tries the item on anybody.
_EXPLORED_FOR = timedelta(days=90)
_SPENDING_FOR = timedelta(days=7)


def prune(now: datetime) -> int:
    """How many rows went."""
    explored, _ = Explored.objects.filter(shown_at__lt=now - _EXPLORED_FOR).delete()
    spending, _ = Spending.objects.filter(hour__lt=now - _SPENDING_FOR).delete()
    return explored + spending
