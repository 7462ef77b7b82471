"""What is left of the error budgets, and how fast it goes."""
