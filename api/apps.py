from django.apps import AppConfig

from api.config import config


class ApiAppConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        # A rate that cannot be read stops the start, not the first request.
        config()
