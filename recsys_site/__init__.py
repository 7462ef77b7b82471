"""Settings, URLs, Celery and WSGI: wires the parts together and is imported by none of them."""

from recsys_site.celery import app as celery_app

__all__ = ["celery_app"]
