from django.core.validators import RegexValidator
from django.db import models


class ContentVectorSet(models.Model):
    """Vectors of items that were made elsewhere, from sound, pictures or text, under one name. They lie in a table of
    their own, laid out as a model version's."""

    name = models.CharField(max_length=50, unique=True, validators=[RegexValidator(r"^[\w-]+$")])
    dim = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.dim} dimensions)"

    @property
    def table(self) -> str:
        return f"content_vectors_{self.pk}"
