from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from catalog.models import User


class Interest(models.Model):
    """What a new person can say they like: a tile of the survey, and the tags, categories and items behind it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    items = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="External ids of items that show best what is meant, the best first. The rest is filled up with "
        "what is most liked of the tags and categories.",
    )
    color = models.CharField(
        max_length=7,
        default="#08736c",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a color like #08736c.")],
        help_text="Of the tile, like #08736c.",
    )
    picture_url = models.CharField(
        max_length=500,
        blank=True,
        default="",
        validators=[
            RegexValidator(r"^/(?!/)", "Begin with one slash: pages load nothing from another host.")
        ],
        help_text="A path on this site, shown instead of the drawn tile.",
    )
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    representatives = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        editable=False,
        help_text="Internal ids of the items that stand for the interest, the best first. Made anew on a schedule.",
    )

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """A text that people agree to when they answer. Never edited: a new wording is a new version."""

    version = models.SlugField(max_length=40, unique=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.version


class SurveyAnswer(models.Model):
    """What a person chose, in the order of choice, and the text agreed to."""

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="survey_answer"
    )
    interest_ids = ArrayField(
        models.BigIntegerField(), help_text="Of `Interest`; one that is gone is skipped."
    )
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} chose {len(self.interest_ids)}"
