"""The demo's simulated audience: people who ask for candidates, look, click, like and hide, through the real API."""
