from django.apps import AppConfig


class ColdstartConfig(AppConfig):
    name = "coldstart"
