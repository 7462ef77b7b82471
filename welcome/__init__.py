"""The onboarding pages: a new person chooses interests and sees the first feed."""
