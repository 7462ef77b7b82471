"""How large the world is that is broken."""

N_ITEMS, N_USERS, N_EVENTS = 300, 80, 4000
TYPES = ("view", "click", "like")
