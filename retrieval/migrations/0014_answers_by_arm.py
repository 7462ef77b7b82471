"""How answers fared, by arm; what each level of the cache said."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0007_arms_by_day"),
        ("retrieval", "0013_requests_by_outcome"),
    ]

    operations = [
        migrations.CreateModel(
            name="CacheHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "hour",
                        "surface",
                        "level",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("surface", models.CharField(max_length=40)),
                ("level", models.CharField(help_text="ready, L1, L2 or L3.", max_length=10)),
                ("hits", models.BigIntegerField()),
                ("misses", models.BigIntegerField()),
                ("errors", models.BigIntegerField(help_text="The cache did not answer.")),
            ],
        ),
        migrations.CreateModel(
            name="ArmAnswerHour",
            fields=[
                ("level", models.CharField(help_text="ready, L1 or L3; none: computed.", max_length=10)),
                ("answers", models.BigIntegerField()),
                ("short", models.BigIntegerField(help_text="With fewer candidates than asked for.")),
                ("degraded", models.BigIntegerField(help_text="Without something that should have helped.")),
                (
                    "ms_counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="By `retrieval.tally.histogram`.",
                        size=None,
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "variant_id",
                        "hour",
                        "surface",
                        "level",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("surface", models.CharField(max_length=40)),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="experiments.variant",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ArmAnswers",
            fields=[
                ("level", models.CharField(help_text="ready, L1 or L3; none: computed.", max_length=10)),
                ("answers", models.BigIntegerField()),
                ("short", models.BigIntegerField(help_text="With fewer candidates than asked for.")),
                ("degraded", models.BigIntegerField(help_text="Without something that should have helped.")),
                (
                    "ms_counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="By `retrieval.tally.histogram`.",
                        size=None,
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "variant_id", "level", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="experiments.variant",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
