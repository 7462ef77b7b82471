"""What the bandit of a mix drew, what came of it, and what it draws by now: docs/source-bandit.md."""

from django.db import models

from catalog.models import User


class ShareDraw(models.Model):
    """One answer and the arm that was drawn for it. A user's answers of one hold are one draw.

    The table is partitioned by month of `held_since`; its DDL is in the migration.
    """

    pk = models.CompositePrimaryKey("user_id", "request_id", "held_since")
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    request_id = models.CharField(max_length=64)
    held_since = models.DateTimeField()
    drawn_at = models.DateTimeField()
    mix = models.IntegerField(help_text="Number of the revision.")
    segment = models.CharField(max_length=100)
    arm = models.CharField(max_length=40)
    propensity = models.FloatField()
    shown = models.BooleanField(default=False, help_text="Whether anything of the answer was.")
    engaged = models.BooleanField(default=False, help_text="Whether anything that was shown led to an event.")

    class Meta:
        managed = False
        db_table = "retrieval_sharedraw"

    def __str__(self) -> str:
        return f"{self.arm} for {self.user_id}"


class ShareCell(models.Model):
    """The shown draws of one day, segment, arm and group of users, summed up; a day is counted anew and whole."""

    pk = models.CompositePrimaryKey("mix", "day", "segment", "arm", "user_group")
    mix = models.IntegerField()
    day = models.DateField(help_text="On which they began to hold.")
    segment = models.CharField(max_length=100)
    arm = models.CharField(max_length=40)
    user_group = models.SmallIntegerField(help_text="Chance is measured between groups of users.")
    draws = models.BigIntegerField()
    engaged = models.BigIntegerField()
    weight = models.FloatField(help_text="1 / propensity, added up.")
    engaged_weight = models.FloatField(help_text="The same of engaged draws.")
    squared_weight = models.FloatField(help_text="1 / propensity², added up.")

    class Meta:
        indexes = [models.Index(fields=["day"], name="share_cell_day")]

    def __str__(self) -> str:
        return f"{self.arm} on {self.day}: {self.engaged} of {self.draws}"


class SharePolicy(models.Model):
    """What is known of an arm in a segment ("": in all of them), and how often it is drawn there from now on."""

    pk = models.CompositePrimaryKey("mix", "segment", "arm")
    mix = models.IntegerField()
    segment = models.CharField(max_length=100, blank=True)
    arm = models.CharField(max_length=40)
    alpha = models.FloatField(help_text="Of the Beta posterior of the share of draws that are engaged with.")
    beta = models.FloatField()
    probability = models.FloatField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-changed_at"], name="share_policy_changed")]

    def __str__(self) -> str:
        return f"{self.arm} in {self.segment or 'all segments'}: {self.probability:.3f}"


class ShareMark(models.Model):
    """Until when arrivals have been looked at; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    looked_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_share_mark")]

    def __str__(self) -> str:
        return str(self.looked_until)
