"""New people: they come by the API as an app would send them, choose interests, and are asked for from then on."""

import random
import uuid

from demo.audience.api import Api
from demo.audience.town import MARK, Person, tastes_of

_AGE_GROUPS = ("under 18", "18-24", "25-34", "35-44", "45-54", "55+")


def arrive(api: Api, rng: random.Random) -> Person | None:
    """Somebody new, who has chosen; None where there is nothing to choose from. Raises as `Api`."""
    survey = api.get("onboarding/interests")
    offered = survey["interests"]
    if not offered or len(offered) < survey["least"]:
        return None
    external_id = f"{MARK}{uuid.uuid4().hex[:12]}"
    chosen = rng.sample(
        offered, rng.randint(survey["least"], min(survey["most"], survey["least"] + 2, len(offered)))
    )
    api.put(
        "users",
        {
            "user_id": external_id,
            "age_group": rng.choice(_AGE_GROUPS),
            "attributes": {"simulated": "yes"},
        },
    )
    consent = survey["consent"]["version"]
    api.put(
        f"users/{external_id}/interests",
        {"interests": [one["id"] for one in chosen], "consent_version": consent},
    )
    return Person(external_id, tastes_of({tag for one in chosen for tag in one["tags"]}))
