"""The whole product, broken in one way after the other while clients ask."""
