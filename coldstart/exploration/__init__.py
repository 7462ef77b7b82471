"""Small-scale exploration: who is shown which new item, and what the evidence then decides."""
