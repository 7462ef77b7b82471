"""What arrived lately, for those who count: rows arrive in the order of this column, so a BRIN index is enough."""

from django.db import migrations

CREATE = """
CREATE INDEX impression_lately ON coldstart_impression USING brin (received_at) WITH (autosummarize = on);
CREATE INDEX interaction_lately ON catalog_interaction USING brin (received_at) WITH (autosummarize = on);
"""
DROP = "DROP INDEX impression_lately; DROP INDEX interaction_lately"


class Migration(migrations.Migration):
    dependencies = [
        ("retrieval", "0004_sampled_recall"),
        ("coldstart", "0002_impressions"),
        ("catalog", "0006_interests_move"),
        ("experiments", "0005_counted"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
