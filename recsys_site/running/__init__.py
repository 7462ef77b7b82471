"""`make run` and `make stop`: everything of the product on one machine, in processes of honcho's."""
