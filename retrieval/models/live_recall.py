import datetime as dt

from django.db import connection, models

from retrieval.models.model_version import ModelVersion


class LiveRecall(models.Model):
    """What sampled searches of one hour found, of what an exact search finds."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="live_recalls")
    engine = models.CharField(max_length=20)
    ef_search = models.PositiveIntegerField()
    hour = models.DateTimeField()
    samples = models.PositiveBigIntegerField()
    hits = models.PositiveBigIntegerField(help_text="Of `expected`, what the searches found.")
    expected = models.PositiveBigIntegerField()
    least = models.FloatField(help_text="The lowest recall of one sample.")
    ms = models.FloatField(help_text="Milliseconds of the searches, added up.")
    exact_ms = models.FloatField(help_text="And of the exact ones.")

    class Meta:
        verbose_name = "sampled recall"
        ordering = ["-hour"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "engine", "ef_search", "hour"], name="live_recall_once_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version_id} {self.engine} ef {self.ef_search}: {self.recall:.3f}"

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 1.0

    @classmethod
    def record(
        cls,
        *,
        version_id: int,
        engine: str,
        ef_search: int,
        hits: int,
        expected: int,
        ms: float,
        exact_ms: float,
        now: dt.datetime | None = None,
    ) -> None:
        """Adds one sample to its hour, whoever else adds to it at the same time."""
        hour = (now or dt.datetime.now(dt.UTC)).replace(minute=0, second=0, microsecond=0)
        with connection.cursor() as cursor:
            cursor.execute(
                _ADD, [version_id, engine, ef_search, hour, hits, expected, hits / expected, ms, exact_ms]
            )


_ADD = """
INSERT INTO retrieval_liverecall AS kept
    (version_id, engine, ef_search, hour, samples, hits, expected, least, ms, exact_ms)
VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, %s)
ON CONFLICT (version_id, engine, ef_search, hour) DO UPDATE SET
    samples = kept.samples + 1,
    hits = kept.hits + excluded.hits,
    expected = kept.expected + excluded.expected,
    least = least(kept.least, excluded.least),
    ms = kept.ms + excluded.ms,
    exact_ms = kept.exact_ms + excluded.exact_ms
"""
