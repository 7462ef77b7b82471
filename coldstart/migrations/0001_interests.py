"""Interests, answers to the survey, and what is popular with people alike."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0006_interests_move"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.SlugField(max_length=40, unique=True)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        # The catalog's table, with its rows: only the name moves.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE catalog_interest RENAME TO coldstart_interest",
                    "ALTER TABLE coldstart_interest RENAME TO catalog_interest",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Interest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=100)),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "categories",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("position", models.PositiveIntegerField(default=0)),
                        ("active", models.BooleanField(default=True)),
                    ],
                    options={"ordering": ["position", "slug"]},
                )
            ],
        ),
        migrations.AddField(
            model_name="interest",
            name="items",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=255),
                blank=True,
                default=list,
                help_text="External ids of items that show best what is meant, the best first. The rest is filled up with what is most liked of the tags and categories.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="interest",
            name="color",
            field=models.CharField(
                default="#08736c",
                help_text="Of the tile, like #08736c.",
                max_length=7,
                validators=[
                    django.core.validators.RegexValidator("^#[0-9a-fA-F]{6}$", "Write a color like #08736c.")
                ],
            ),
        ),
        migrations.AddField(
            model_name="interest",
            name="picture_url",
            field=models.CharField(
                blank=True,
                default="",
                help_text="A path on this site, shown instead of the drawn tile.",
                max_length=500,
                validators=[
                    django.core.validators.RegexValidator(
                        "^/(?!/)", "Begin with one slash: pages load nothing from another host."
                    )
                ],
            ),
        ),
        migrations.AddField(
            model_name="interest",
            name="representatives",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                default=list,
                editable=False,
                help_text="Internal ids of the items that stand for the interest, the best first. Made anew on a schedule.",
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="DemographicCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("age_group", models.CharField(blank=True, default="", max_length=20)),
                ("location", models.CharField(blank=True, default="", max_length=100)),
                ("language", models.CharField(blank=True, default="", max_length=20)),
                ("users", models.PositiveIntegerField()),
                (
                    "item_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "shares",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                ("rebuilt_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("age_group", "location", "language"), name="demographic_cell_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="survey_answer",
                        serialize=False,
                        to="catalog.user",
                    ),
                ),
                (
                    "interest_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="Of `Interest`; one that is gone is skipped.",
                        size=None,
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="coldstart.consent"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveySegment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weight", models.FloatField()),
                (
                    "interest_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "chances",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
            ],
        ),
    ]
