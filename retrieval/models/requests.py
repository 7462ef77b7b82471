"""How requests to the API fared, added up by the processes that answered them; hours and days are UTC's."""

from django.db import models


class Requests(models.Model):
    """Each request is in one of the first six; `timed` and `slow` are of those that ask for a user's candidates."""

    served = models.BigIntegerField(help_text="Answered as asked.")
    degraded = models.BigIntegerField(help_text="Answered, without something that should have helped.")
    refused = models.BigIntegerField(help_text="4xx: the client's fault.")
    limited = models.BigIntegerField(help_text="429: the key had used up its rate.")
    shed = models.BigIntegerField(help_text="503 at the door: no room.")
    failed = models.BigIntegerField(help_text="5xx.")
    timed = models.BigIntegerField(help_text="To which the objective of latency applies.")
    slow = models.BigIntegerField(help_text="Of those, the ones that took longer than it says.")

    class Meta:
        abstract = True


class RequestSlot(Requests):
    """Five minutes; processes add to it, also long afterwards, and nothing else does. Kept for forty days."""

    start = models.DateTimeField(primary_key=True)

    def __str__(self) -> str:
        return str(self.start)


class RequestHour(Requests):
    """The sum of an hour's slots; kept for four hundred days."""

    start = models.DateTimeField(primary_key=True)

    def __str__(self) -> str:
        return str(self.start)


class RequestDay(Requests):
    """The sum of a day's slots; kept for good."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)
