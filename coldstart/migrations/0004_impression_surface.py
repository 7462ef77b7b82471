"""Where an impression was: so that rates can be told by surface. A column with a constant default rewrites nothing."""

from django.db import migrations

CREATE = "ALTER TABLE coldstart_impression ADD COLUMN surface varchar(40) NOT NULL DEFAULT ''"


class Migration(migrations.Migration):
    dependencies = [("coldstart", "0003_chance_shown")]

    operations = [migrations.RunSQL(CREATE, "ALTER TABLE coldstart_impression DROP COLUMN surface")]
