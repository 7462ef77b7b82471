"""Splits users between mixes and says who is in which arm."""
