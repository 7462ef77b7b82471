"""How the catalogue was shown and who came, by surface, people and arm; the rows by arm alone are kept."""

import django.db.models.deletion
from django.db import migrations, models

_FIELDS = "day, variant_id, shown_users, impressions, items, creators, new_items, gini, diversity, novelty"
FROM_ARM_DAYS = f"INSERT INTO retrieval_catalogueslice ({_FIELDS}) SELECT {_FIELDS} FROM retrieval_armday"  # noqa: S608
TO_ARM_DAYS = f"""
INSERT INTO retrieval_armday ({_FIELDS}) SELECT {_FIELDS} FROM retrieval_catalogueslice
WHERE variant_id IS NOT NULL AND surface IS NULL AND newcomer IS NULL
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0007_arms_by_day"),
        ("retrieval", "0014_answers_by_arm"),
    ]

    operations = [
        migrations.AddField(
            model_name="daytotals",
            name="weekly_users",
            field=models.BigIntegerField(help_text="With an event in the 7 days up to its end.", null=True),
        ),
        migrations.CreateModel(
            name="AudienceSlice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("surface", models.CharField(max_length=40, null=True)),
                ("newcomer", models.BooleanField(null=True)),
                ("active_users", models.BigIntegerField()),
                (
                    "weekly_users",
                    models.BigIntegerField(help_text="Counted when the day is over.", null=True),
                ),
                (
                    "monthly_users",
                    models.BigIntegerField(help_text="Counted when the day is over.", null=True),
                ),
                ("sessions", models.BigIntegerField(help_text="Of all surfaces only.", null=True)),
                ("session_s", models.FloatField(null=True)),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
            name="CatalogueSlice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("surface", models.CharField(max_length=40, null=True)),
                ("newcomer", models.BooleanField(null=True)),
                ("shown_users", models.BigIntegerField()),
                ("impressions", models.BigIntegerField()),
                ("items", models.BigIntegerField()),
                ("creators", models.BigIntegerField()),
                ("new_items", models.BigIntegerField()),
                ("gini", models.FloatField(null=True)),
                ("diversity", models.FloatField(null=True)),
                ("novelty", models.FloatField(null=True)),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
        migrations.AddIndex(
            model_name="audienceslice",
            index=models.Index(fields=["day"], name="audienceslice_day"),
        ),
        migrations.AddConstraint(
            model_name="audienceslice",
            constraint=models.UniqueConstraint(
                fields=("variant", "surface", "newcomer", "day"),
                name="audienceslice_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="catalogueslice",
            index=models.Index(fields=["day"], name="catalogueslice_day"),
        ),
        migrations.AddConstraint(
            model_name="catalogueslice",
            constraint=models.UniqueConstraint(
                fields=("variant", "surface", "newcomer", "day"),
                name="catalogueslice_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(FROM_ARM_DAYS, TO_ARM_DAYS),
        migrations.DeleteModel(
            name="ArmDay",
        ),
    ]
