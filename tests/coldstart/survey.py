"""Three interests of the movie world, each with the films that stand for it.

space     alien, runner
crime     heat, fargo
romance   amelie, notebook
"""

from coldstart.interests import answer_survey, current_consent, forget_interests, learn_representatives
from coldstart.models import Interest
from tests.worlds import NOW

INTERESTS = {"space": ["alien", "runner"], "crime": ["heat", "fargo"], "romance": ["amelie", "notebook"]}


def offer_interests() -> None:
    for place, (slug, films) in enumerate(INTERESTS.items()):
        Interest.objects.create(
            slug=slug, name=slug.title(), categories=[slug], items=films, position=place, color="#0a6e8f"
        )
    learn_representatives(NOW)
    forget_interests()


def choose(user: str, *slugs: str) -> None:
    answer_survey(user, slugs or list(INTERESTS), consent_version=current_consent().version, now=NOW)
