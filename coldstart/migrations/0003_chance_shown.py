"""When something was last shown to a user by chance."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_interests_move"),
        ("coldstart", "0002_impressions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Chance",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.user",
                    ),
                ),
                ("stored_at", models.DateTimeField()),
            ],
        ),
    ]
