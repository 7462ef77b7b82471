"""Histories are stored as they are: compressing a full one costs each event 2 ms, and saves a reader nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_partitioned_interactions")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE catalog_userhistory ALTER COLUMN events SET STORAGE EXTERNAL",
            "ALTER TABLE catalog_userhistory ALTER COLUMN events SET STORAGE EXTENDED",
        ),
    ]
