from django.apps import AppConfig


class ColdstartConfig(AppConfig):
    name = "coldstart"
    verbose_name = "Cold start"
