from django.db import models


class User(models.Model):
    """The person recommended to; not a staff account."""

    external_id = models.CharField(max_length=255, unique=True)
    age_group = models.CharField(max_length=20, blank=True, default="")
    location = models.CharField(max_length=100, blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    attributes = models.JSONField(default=dict, blank=True)
    social_opt_out = models.BooleanField(
        default=False, help_text="Nobody is recommended anything because this person engaged with it."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(external_id=""), name="user_external_id_not_empty")
        ]

    def __str__(self) -> str:
        return self.external_id
