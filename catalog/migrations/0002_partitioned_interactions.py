"""Interactions, partitioned by month, and the default event types."""

from django.db import migrations

CREATE = """
CREATE TABLE catalog_interaction (
    event_id varchar(100) NOT NULL CHECK (event_id <> ''),
    user_id bigint NOT NULL,
    item_id bigint NOT NULL,
    type_id smallint NOT NULL,
    value double precision,
    dwell_s double precision CHECK (dwell_s >= 0),
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    surface varchar(40) NOT NULL DEFAULT '',
    request_id varchar(64) NOT NULL DEFAULT '',
    PRIMARY KEY (occurred_at, event_id)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX interaction_user_recent ON catalog_interaction (user_id, occurred_at DESC);
CREATE INDEX interaction_item_recent ON catalog_interaction (item_id, occurred_at DESC);
-- Where events land whose month has no partition yet; should stay empty, and is watched.
CREATE TABLE catalog_interaction_default PARTITION OF catalog_interaction DEFAULT;
"""

TYPES = [
    ("view", 1.0),
    ("click", 2.0),
    ("like", 3.0),
    ("share", 5.0),
    ("purchase", 5.0),
    ("follow", 4.0),
    ("dislike", -3.0),
    ("hide", -5.0),
]


def add_types(apps, _schema_editor):
    event_type = apps.get_model("catalog", "EventType")
    event_type.objects.bulk_create(event_type(name=name, weight=weight) for name, weight in TYPES)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE catalog_interaction"),
        migrations.RunPython(add_types, migrations.RunPython.noop),
    ]
