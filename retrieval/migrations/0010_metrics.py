"""Figures that pages show, by surface and by arm; how answers fared."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

SURFACE = """
ALTER TABLE retrieval_sourcehour ADD COLUMN surface varchar(40) NOT NULL DEFAULT '';
ALTER TABLE retrieval_sourcehour ALTER COLUMN surface DROP DEFAULT;
ALTER TABLE retrieval_sourcehour DROP CONSTRAINT retrieval_sourcehour_pkey;
ALTER TABLE retrieval_sourcehour ADD PRIMARY KEY (hour, source, newcomer, surface);
"""
WITHOUT_SURFACE = """
DELETE FROM retrieval_sourcehour WHERE surface <> '';
ALTER TABLE retrieval_sourcehour DROP COLUMN surface;
ALTER TABLE retrieval_sourcehour ADD PRIMARY KEY (hour, source, newcomer);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coldstart", "0004_impression_surface"),
        ("experiments", "0005_counted"),
        ("retrieval", "0009_erasures"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerHour",
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
            ],
        ),
        migrations.CreateModel(
            name="SourcePair",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "source",
                        "other",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("source", models.CharField(max_length=40)),
                ("other", models.CharField(max_length=40)),
                ("shared", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SourceWork",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "hour", "source", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("source", models.CharField(max_length=40)),
                ("calls", models.BigIntegerField()),
                ("failed", models.BigIntegerField(help_text="Late, refused or in error.")),
                ("ms", models.FloatField(help_text="Of all calls, added up.")),
                ("candidates", models.BigIntegerField(help_text="In the answers, that it proposed.")),
                (
                    "sole",
                    models.BigIntegerField(help_text="Of those, the ones that no other source proposed."),
                ),
            ],
        ),
        migrations.AddField(
            model_name="daytotals",
            name="catalogue_creators",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="catalogue_items",
            field=models.BigIntegerField(help_text="Active and published by the end of the day.", null=True),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="diversity",
            field=models.FloatField(
                help_text="How likely two items of one answer are of different categories, on average.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="monthly_users",
            field=models.BigIntegerField(help_text="With an event in the 30 days up to its end.", null=True),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="novelty",
            field=models.FloatField(
                help_text="Bits: log2 of users active in the week before by those who knew the item.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="session_s",
            field=models.FloatField(help_text="From their first events to their last, added up.", null=True),
        ),
        migrations.AddField(
            model_name="daytotals",
            name="sessions",
            field=models.BigIntegerField(
                help_text="Events of a user with gaps of 30 minutes at most.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sourceday",
            name="sole_engaged",
            field=models.BigIntegerField(
                help_text="Of those impressions, clicked, liked or shared.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sourceday",
            name="sole_impressions",
            field=models.BigIntegerField(help_text="Of the latter.", null=True),
        ),
        # Django can't alter a composite key; rows of before are of no named surface.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="sourcehour",
                    name="surface",
                    field=models.CharField(
                        default="", help_text="Where they were shown; empty where nobody said.", max_length=40
                    ),
                ),
                migrations.AlterField(
                    model_name="sourcehour",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "hour",
                        "source",
                        "newcomer",
                        "surface",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            database_operations=[migrations.RunSQL(SURFACE, WITHOUT_SURFACE)],
        ),
        # Days of which these figures were not counted are counted anew.
        migrations.RunSQL("DELETE FROM retrieval_rollupmark", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="ArmHour",
            fields=[
                ("hour", models.DateTimeField(help_text="In which they were shown.")),
                (
                    "source",
                    models.CharField(
                        help_text="That ranked the item best; empty where nobody said.", max_length=40
                    ),
                ),
                (
                    "newcomer",
                    models.BooleanField(help_text="Whether the user had been known for less than a week."),
                ),
                (
                    "surface",
                    models.CharField(
                        default="", help_text="Where they were shown; empty where nobody said.", max_length=40
                    ),
                ),
                ("impressions", models.BigIntegerField()),
                ("clicks", models.BigIntegerField()),
                ("likes", models.BigIntegerField()),
                ("shares", models.BigIntegerField()),
                ("engaged", models.BigIntegerField(help_text="Clicked, liked or shared.")),
                ("dwells", models.BigIntegerField(help_text="Events with a dwell time.")),
                ("dwell_s", models.FloatField(help_text="And their seconds, added up.")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "hour",
                        "variant_id",
                        "source",
                        "newcomer",
                        "surface",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
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
