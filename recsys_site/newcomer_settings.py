"""Settings of cold start: people whom little is known about, and new items. Frozen by coldstart/config.py."""

from typing import Any

from recsys_site.env import Environment

env = Environment()
# Of people whom little is known about.
NEWCOMERS = {
    "least_interests": env.integer("INTERESTS_LEAST", default=3, minimum=1),
    "most_interests": env.integer("INTERESTS_MOST", default=5, minimum=1),
    "adaptive_survey": env.flag("ADAPTIVE_SURVEY", default=False),
    "link_max_age_s": env.integer("WELCOME_LINK_MAX_AGE_S", default=30 * 86_400, minimum=60),
    "representatives": 6,
    "suggested_interests": 30,
    "survey_weight": 2.0,
    "survey_fade_events": 15.0,
    "maturity_events": 2.0,
    "interest_worth_events": 3.0,
    "rapid_learning": ((10, 5.0), (40, 2.0)),
    "demographic_least_users": env.integer("DEMOGRAPHIC_LEAST_USERS", default=20, minimum=1),
    "demographic_prior_users": 50.0,
    "demographic_window_s": env.integer("DEMOGRAPHIC_WINDOW_S", default=365 * 86_400, minimum=3600),
    "demographic_cached_s": 3600,
}
# New items: whom they are shown to first, when the evidence is looked at, and what it must say.
EXPLORATION: dict[str, Any] = {
    "share": env.number("EXPLORE_SHARE", default=0.01, minimum=0, maximum=1),
    "step": env.number("EXPLORE_STEP", default=4.0, minimum=1.1, maximum=100),
    "most_share": env.number("EXPLORE_MOST_SHARE", default=0.16, minimum=0, maximum=1),
    "position": env.integer("EXPLORE_POSITION", default=50, minimum=1),
    "slots": env.integer("EXPLORE_SLOTS", default=2),
    "period_s": env.integer("EXPLORE_PERIOD_S", default=3600, minimum=1),
    "longest_s": env.integer("EXPLORE_LONGEST_S", default=72 * 3600, minimum=1),
    "new_for_s": env.integer("EXPLORE_NEW_FOR_S", default=48 * 3600, minimum=1),
    "items": env.integer("EXPLORE_ITEMS", default=5000),
    "items_per_creator": env.integer("EXPLORE_ITEMS_PER_CREATOR", default=20, minimum=1),
    "least_exposures": env.integer("EXPLORE_LEAST_EXPOSURES", default=50, minimum=1),
    "graduate_rate": env.number("EXPLORE_GRADUATE_RATE", default=0.02, minimum=0, maximum=1),
    "retire_rate": env.number("EXPLORE_RETIRE_RATE", default=0.01, minimum=0, maximum=1),
    "certainty": env.number("EXPLORE_CERTAINTY", default=0.9, minimum=0.5, maximum=0.9999),
    "engagement_weight": env.number("EXPLORE_ENGAGEMENT_WEIGHT", default=2.0),
    "budget": env.number("EXPLORE_BUDGET", default=0.02, minimum=0, maximum=1),
    "prior_alpha": env.number("BANDIT_PRIOR_ALPHA", default=0.75, minimum=0.001, maximum=1e6),
    "prior_beta": env.number("BANDIT_PRIOR_BETA", default=49.25, minimum=0.001, maximum=1e6),
    "bandit_slots": env.integer("BANDIT_SLOTS", default=1),
    "bandit_for_s": env.integer("BANDIT_FOR_S", default=7 * 86_400, minimum=1),
    "bandit_segment": env.text("BANDIT_SEGMENT", default="none"),
}
