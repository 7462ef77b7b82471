import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0003_earlier_experiments")]
    operations = [
        migrations.AlterField(
            model_name="experiment",
            name="layer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="experiments",
                to="experiments.layer",
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="hypothesis",
            field=models.TextField(help_text="What is expected to change, by how much, and why."),
        ),
    ]
