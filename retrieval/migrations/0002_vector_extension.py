"""pgvector itself; the vectors' tables are made per model version, outside migrations."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0001_initial")]
    operations = [migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS vector", migrations.RunSQL.noop)]
