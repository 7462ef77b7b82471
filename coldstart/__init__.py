"""What new people and new items get; for now the order in which an answer for a stranger is filled."""
