"""Libraries that find nearest vectors, on the same vectors and queries: see __main__.py. In the product's settings."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()
