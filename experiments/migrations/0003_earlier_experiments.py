"""Experiments of before had no layer and no control of their own, and users fell into other buckets: they end here."""

from django.db import migrations

_WHOLE = 10_000


def end_earlier(apps, _schema_editor):
    layers = apps.get_model("experiments", "Layer")
    variants = apps.get_model("experiments", "Variant")
    for experiment in apps.get_model("experiments", "Experiment").objects.filter(layer=None):
        experiment.layer, _ = layers.objects.get_or_create(name="earlier", defaults={"salt": "earlier"})
        experiment.status = "stopped"
        experiment.save()
        shares = variants.objects.filter(experiment=experiment).values_list("share_per_10000", flat=True)
        variants.objects.create(
            experiment=experiment,
            name="as-published",
            control=True,
            share_per_10000=max(_WHOLE - sum(shares), 0),
        )


class Migration(migrations.Migration):
    dependencies = [("experiments", "0002_running_experiments")]
    operations = [migrations.RunPython(end_earlier, migrations.RunPython.noop)]
