"""What pages of the console hang their rights on, where no table is behind them."""

from django.db import models


class AudiencePage(models.Model):
    """The page of the demo's simulated audience: no table, only rights."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = [("switch_audience", "Can switch the simulated audience on and off")]
        verbose_name = "simulated audience"
        verbose_name_plural = "simulated audience"

    def __str__(self) -> str:
        return "the simulated audience"


class CachePage(models.Model):
    """The page of the cache: no table, only rights."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = [("invalidate_cache", "Can make what is cached anew")]
        verbose_name = "cache"
        verbose_name_plural = "cache"

    def __str__(self) -> str:
        return "the cache"


class DataPage(models.Model):
    """The page of exports and partitions: no table, only rights."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = [
            ("export_data", "Can export the catalogue and what is held about a person"),
            ("mend_partitions", "Can make partitions and move rows into them"),
        ]
        verbose_name = "exports and partitions"
        verbose_name_plural = "exports and partitions"

    def __str__(self) -> str:
        return "exports and partitions"
