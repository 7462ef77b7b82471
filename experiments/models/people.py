from django.db import models

from catalog.models import User
from experiments.models.experiment import Experiment, Variant


class Exposure(models.Model):
    """A user's first answer that an experiment had a say in; one per user and experiment."""

    pk = models.CompositePrimaryKey("experiment_id", "user_id")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, db_index=False, related_name="+")
    # By user as well: it finds what to erase.
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False, related_name="+")
    exposed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["exposed_at"], name="exposure_lately")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.variant_id}"


class Forced(models.Model):
    """A user who gets a variant whatever the hash says, and is not counted."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="forced")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "forced assignments"
        constraints = [models.UniqueConstraint(fields=["experiment", "user"], name="forced_once")]

    def __str__(self) -> str:
        # Not the external id: this is what the log of changes keeps.
        return f"{self.user_id} → {self.variant.name}"
