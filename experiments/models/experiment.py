from django.db import models


class Experiment(models.Model):
    """A split of users between mixes on one surface."""

    name = models.SlugField(max_length=60, unique=True)
    salt = models.CharField(max_length=60, unique=True, help_text="Independent experiments have other salts.")
    surface = models.CharField(max_length=40, default="default")
    running = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One arm: a share of all users and the mix revision they get. What is left over is the control."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    name = models.SlugField(max_length=60)
    share_per_10000 = models.PositiveSmallIntegerField(help_text="In steps of 0.01 %.")
    mix_revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="variant_once"),
            models.CheckConstraint(condition=models.Q(share_per_10000__lte=10_000), name="variant_share"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.name}"
