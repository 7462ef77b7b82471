from catalog.partitions import Partitioned

IMPRESSIONS = Partitioned("coldstart_impression", "shown_at")
