from django.apps import AppConfig


class RecsysSiteConfig(AppConfig):
    name = "recsys_site"

    def ready(self) -> None:
        import recsys_site.checks  # noqa: F401, PLC0415  registers the system checks
