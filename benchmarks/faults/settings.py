"""The product's settings and one app more, which only this benchmark installs."""

from recsys_site import settings as product_settings

globals().update({name: value for name, value in vars(product_settings).items() if name.isupper()})
INSTALLED_APPS = [*product_settings.INSTALLED_APPS, "benchmarks.faults.odd"]
