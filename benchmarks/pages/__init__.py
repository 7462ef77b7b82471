"""How long each page of the console takes beside a large catalogue."""
