"""The mix editor: tune, preview, publish, try out and roll back what surfaces serve."""
