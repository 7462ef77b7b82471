"""The page of the cache: how well each level does, who is warmed up, and making anew what is kept."""
