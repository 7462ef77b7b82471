"""Interests are cold start's: its first migration takes the table over, rows included."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_item_fresh")]
    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Interest")])
    ]
