from django.apps import AppConfig
from django.db.models.signals import post_migrate

from console.roles import after_migrate


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        post_migrate.connect(after_migrate, dispatch_uid="console.roles")
