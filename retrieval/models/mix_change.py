"""What happened to mixes, and what is going to."""

from django.db import models

from retrieval.models.mix import MixRevision


class MixChange(models.Model):
    """One thing that was done to what a surface serves, or was going to serve; never edited.

    before: what the surface served, or what a draft began as; after: what it is about.
    """

    class What(models.TextChoices):
        DRAFTED = "drafted", "drafted"
        PUBLISHED = "published", "published"
        ROLLED_BACK = "rolled_back", "rolled back"
        ASKED = "asked", "asked for approval"
        SCHEDULED = "scheduled", "scheduled"
        APPROVED = "approved", "approved"
        CANCELLED = "cancelled", "cancelled"
        FAILED = "failed", "failed"
        TRIED = "tried", "tried out"

    at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True, default="")
    what = models.CharField(max_length=12, choices=What.choices)
    surface = models.CharField(max_length=40, blank=True, default="")
    before = models.ForeignKey(MixRevision, null=True, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(MixRevision, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["surface", "-id"], name="mix_changes_of_surface")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.after} on {self.surface or 'all surfaces'}"


class MixProposal(models.Model):
    """A publication that has not happened yet: it waits for its time, for a second person, or for both."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for approval"
        PLANNED = "planned", "planned"
        DONE = "done", "published"
        CANCELLED = "cancelled", "cancelled"
        FAILED = "failed", "failed"

    surface = models.CharField(max_length=40, blank=True, default="")
    revision = models.ForeignKey(MixRevision, on_delete=models.PROTECT, related_name="+")
    publish_at = models.DateTimeField(null=True, help_text="Empty: as soon as it may be.")
    state = models.CharField(max_length=10, choices=State.choices)
    by = models.CharField(max_length=150)
    why = models.TextField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["publish_at"],
                name="mix_proposals_open",
                condition=models.Q(state__in=["waiting", "planned"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision} on {self.surface or 'all surfaces'}: {self.get_state_display()}"
