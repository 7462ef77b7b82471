from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


def url_of_this_run() -> str:
    """Where another process or pool finds the database of this test run."""
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
