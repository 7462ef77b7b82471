from django.db import models


class MixRevision(models.Model):
    """One immutable, numbered state of a mix: which sources run, how they merge, what is filtered.

    `body` is validated by `retrieval.mixes.parse_mix`; a published revision is never edited, only followed.
    """

    number = models.AutoField(primary_key=True)
    name = models.SlugField(max_length=40, default="default")
    body = models.JSONField()
    note = models.CharField(max_length=500, help_text="Why this revision exists.")
    author = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        permissions = [("publish_mixrevision", "Can publish, schedule and try out mix revisions")]

    def __str__(self) -> str:
        return f"{self.name} #{self.number}"


class PublishedMix(models.Model):
    """Which revision a surface serves; `surface` empty serves every surface without a line of its own."""

    surface = models.CharField(max_length=40, unique=True, blank=True, default="")
    revision = models.ForeignKey(MixRevision, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now=True)
    published_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        verbose_name_plural = "published mixes"

    def __str__(self) -> str:
        return f"{self.surface or 'all surfaces'}: {self.revision}"
