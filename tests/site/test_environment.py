"""The environment refuses to guess."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from recsys_site.env import Environment


def test_a_missing_variable_in_production_is_named():
    environment = Environment({"DJANGO_ENV": "production"})

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.text("SECRET_KEY", development="only for development")


def test_an_empty_variable_counts_as_missing():
    environment = Environment({"DJANGO_ENV": "production", "DATABASE_URL": ""})

    assert "DATABASE_URL" not in environment
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        environment.text("DATABASE_URL", development="embedded")


def test_development_fills_what_is_missing():
    assert Environment({}).text("SECRET_KEY", development="filled") == "filled"


def test_an_unknown_environment_is_refused():
    with pytest.raises(ImproperlyConfigured, match="staging"):
        Environment({"DJANGO_ENV": "staging"})


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag_understands_the_usual_words(word: str, meaning: bool):
    assert Environment({"DEBUG": word}).flag("DEBUG", default=not meaning) is meaning


def test_a_flag_refuses_other_words():
    with pytest.raises(ImproperlyConfigured, match="DEBUG is 'maybe'"):
        Environment({"DEBUG": "maybe"}).flag("DEBUG", default=False)


@pytest.mark.parametrize("word", ["many", "1.5", "-1"])
def test_a_whole_number_below_its_minimum_or_no_number_is_refused(word: str):
    with pytest.raises(ImproperlyConfigured, match="HOT_POOL_SIZE"):
        Environment({"HOT_POOL_SIZE": word}).integer("HOT_POOL_SIZE", default=4)


def test_words_are_split_at_commas_and_trimmed():
    assert Environment({"ALLOWED_HOSTS": "a.example, b.example,"}).words("ALLOWED_HOSTS") == [
        "a.example",
        "b.example",
    ]
