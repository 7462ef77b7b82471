"""The onboarding pages as a browser without JavaScript meets them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from coldstart import demographics
from coldstart.interests import answer_of, current_consent
from coldstart.links import welcome_path, welcome_token
from retrieval import toplists, trending
from retrieval.mixes import create_revision, forget_cached_mixes, publish, shipped_body
from tests.coldstart.survey import offer_interests
from tests.worlds import NOW, movie_world
from welcome.words import spoken_title

pytestmark = pytest.mark.django_db
ALL = ["space", "crime", "romance"]


@pytest.fixture(autouse=True)
def _served() -> None:
    movie_world()
    offer_interests()
    toplists.rebuild(NOW)
    trending.rebuild(NOW)
    demographics.rebuild(NOW)
    forget_cached_mixes()
    publish(create_revision(shipped_body(), note="as shipped").number)


def send(client: Client, do: str = "save", *, chosen=ALL, agreed: bool = True, headers=None, **fields):
    consent = {"consent": current_consent().version} if agreed else {}
    return client.post(
        welcome_path("dan"), {"do": do, "interest": chosen, **consent, **fields}, headers=headers
    )


def test_the_survey_shows_each_interest_with_titles_of_it(client):
    page = client.get(welcome_path("dan")).content.decode()

    assert "Alien, Runner" in page
    assert current_consent().text in page


def test_choosing_leads_to_the_first_feed_with_reasons(client):
    response = send(client)
    feed = client.get(response["Location"]).content.decode()

    assert response.status_code == 302
    assert [one.slug for one in answer_of("dan").interests] == ALL
    assert "Because you chose Space" in feed


def test_too_few_or_no_agreement_is_told_and_what_was_chosen_stays_chosen(client):
    few, disagreed = send(client, chosen=["crime"]), send(client, agreed=False)

    assert (few.status_code, disagreed.status_code) == (400, 400)
    assert "please choose at least 3" in few.content.decode()
    assert "Please agree" in disagreed.content.decode()
    assert 'id="i-crime" aria-describedby="e-crime" checked' in few.content.decode()
    assert answer_of("dan") is None


def test_a_search_shows_what_matches_and_keeps_what_is_chosen(client):
    page = send(client, "search", chosen=["crime"], q="ali").content.decode()

    assert 'id="i-space"' in page
    assert 'id="i-crime"' in page
    assert 'id="i-romance"' not in page
    assert "<html" in page


def test_htmx_gets_only_what_changes(client):
    grid = send(client, "search", q="zzz", headers={"hx-request": "true"}, chosen=[]).content.decode()
    status = send(client, "count", chosen=["crime"], headers={"hx-request": "true"}).content.decode()

    assert "Nothing matches" in grid
    assert "<html" not in grid + status
    assert "2 more to go" in status


def test_skipping_stores_nothing_and_shows_a_feed_all_the_same(client):
    feed = client.get(send(client, "skip", chosen=[])["Location"])

    assert answer_of("dan") is None
    assert "Choose interests" in feed.content.decode()
    assert feed.content.decode().count("<li>") >= 5


def test_a_choice_can_be_changed_and_forgotten(client):
    send(client)
    assert "Forget my choice" in client.get(welcome_path("dan")).content.decode()
    send(client, "forget")

    assert answer_of("dan") is None


def test_a_link_that_is_too_old_or_made_up_opens_nothing(client, time_machine):
    path = welcome_path("dan")
    assert client.get("/welcome/nonsense/").status_code == 404
    assert client.get(path.replace("/welcome/", "/welcome/x")).status_code == 404
    time_machine.move_to(timezone.now() + timedelta(days=31))

    assert client.get(path).status_code == 410
    assert client.post(path, {"do": "save"}).status_code == 410


def test_two_links_differ_by_the_user_not_by_luck():
    assert welcome_token("dan") != welcome_token("ann")


def test_pages_are_for_one_person_and_stored_nowhere(client):
    assert "no-store" in client.get(welcome_path("dan"))["Cache-Control"]


def test_titles_are_written_as_they_are_spoken():
    assert spoken_title("Godfather, The (1972)") == "The Godfather"
    assert spoken_title("Postman, The (Postino, Il) (1994)") == "The Postman"
    assert spoken_title("Heat (1995)") == "Heat"
    assert spoken_title("(1999)") == "(1999)"
