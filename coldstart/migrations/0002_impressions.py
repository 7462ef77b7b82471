"""Impressions, partitioned by month, and the ledger of new items."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE coldstart_impression (
    user_id bigint NOT NULL,
    request_id varchar(64) NOT NULL CHECK (request_id <> ''),
    item_id bigint NOT NULL,
    shown_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    source varchar(40) NOT NULL DEFAULT '',
    propensity double precision CHECK (propensity > 0 AND propensity <= 1),
    explored boolean NOT NULL DEFAULT false,
    -- By user: it finds what an event belongs to, what is a repeat, and what to erase with the user.
    PRIMARY KEY (user_id, request_id, item_id, shown_at)
) PARTITION BY RANGE (shown_at);
CREATE INDEX impression_explored_item ON coldstart_impression (item_id, shown_at) WHERE explored;
CREATE INDEX impression_explored_lately ON coldstart_impression (received_at) WHERE explored;
CREATE INDEX impression_by_chance ON coldstart_impression (shown_at) WHERE propensity IS NOT NULL;
CREATE TABLE coldstart_impression_default PARTITION OF coldstart_impression DEFAULT;
"""
# On the catalogue's tables, for questions that only are asked from here.
INDEXES = """
CREATE INDEX interaction_of_answers ON catalog_interaction (received_at) WHERE request_id <> '';
CREATE INDEX item_of_creator_newest ON catalog_item (creator_id, (coalesce(published_at, created_at)) DESC)
    WHERE active;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_item_changes"),
        ("coldstart", "0001_interests"),
    ]

    operations = [
        migrations.CreateModel(
            name="Impression",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id",
                        "request_id",
                        "item_id",
                        "shown_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("request_id", models.CharField(max_length=64)),
                ("shown_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("position", models.IntegerField()),
                ("source", models.CharField(blank=True, default="", max_length=40)),
                ("propensity", models.FloatField(null=True)),
                ("explored", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "coldstart_impression",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "hour", "shard", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hour", models.DateTimeField(help_text="In which the impressions arrived.")),
                ("shard", models.SmallIntegerField()),
                ("shown", models.BigIntegerField(default=0)),
                ("explored", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "item_id",
                        "hour",
                        "segment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour", models.DateTimeField(help_text="In which the impressions were shown.")),
                ("segment", models.CharField(blank=True, default="", max_length=100)),
                ("exposures", models.BigIntegerField()),
                ("engagements", models.BigIntegerField()),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RollUp",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("counted_until", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="rollup_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="trial",
                        serialize=False,
                        to="catalog.item",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("exploring", "exploring"),
                            ("graduated", "graduated"),
                            ("retired", "retired"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                (
                    "share",
                    models.FloatField(default=0.0, help_text="Of the users, to whom it is shown; 0 to 1."),
                ),
                (
                    "periods",
                    models.IntegerField(default=0, help_text="How many times its evidence was looked at."),
                ),
                ("entered_at", models.DateTimeField(help_text="When it was found to be new.")),
                ("began_at", models.DateTimeField(help_text="When it was shown first.", null=True)),
                ("period_began_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(help_text="When anything of this row changed last.")),
                ("exposures", models.BigIntegerField(default=0)),
                ("engagements", models.BigIntegerField(default=0)),
                (
                    "alpha",
                    models.FloatField(default=0.0, help_text="Of the Beta posterior of its engagement rate."),
                ),
                ("beta", models.FloatField(default=0.0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "period_began_at"], name="trial_due"),
                    models.Index(fields=["-changed_at"], name="trial_changed"),
                    models.Index(fields=["-entered_at"], name="trial_entered"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrialChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("exploring", "exploring"),
                            ("graduated", "graduated"),
                            ("retired", "retired"),
                        ],
                        max_length=10,
                    ),
                ),
                ("share", models.FloatField()),
                ("exposures", models.BigIntegerField()),
                ("engagements", models.BigIntegerField()),
                ("why", models.TextField()),
                (
                    "trial",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="coldstart.trial",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Explored",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id", "item_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shown_at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.user",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["shown_at"], name="explored_when")],
            },
        ),
        migrations.RunSQL(CREATE, "DROP TABLE coldstart_impression"),
        migrations.RunSQL(INDEXES, "DROP INDEX interaction_of_answers; DROP INDEX item_of_creator_newest"),
    ]
