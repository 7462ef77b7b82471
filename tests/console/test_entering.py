"""Who guesses passwords is slowed down, and nobody else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from console.entering import MOST_FROM_ONE_PLACE, forget_attempts
from console.models import LogInAttempt
from tests.console.staff import PASSWORD, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return superuser()


def try_with(password: str, *, name: str = "ada", address: str = "10.0.0.1") -> bool:
    answer = Client().post(
        "/admin/login/?next=/admin/", {"username": name, "password": password}, REMOTE_ADDR=address
    )
    return answer.status_code == 302


def guess(times: int, **more: str) -> None:
    assert not any(try_with(f"guess {number}", **more) for number in range(times))


def test_after_ten_failures_not_even_the_right_password_is_looked_at(ada):
    guess(MOST_FROM_ONE_PLACE - 1)
    assert try_with(PASSWORD), "nine are forgiven"
    guess(MOST_FROM_ONE_PLACE)
    assert not try_with(PASSWORD)
    assert not try_with(PASSWORD, name="ADA"), "another spelling is no other name"


def test_somebody_elsewhere_and_another_name_get_in_meanwhile(ada):
    User.objects.create_superuser("grace", password=PASSWORD)
    guess(MOST_FROM_ONE_PLACE + 1)

    assert try_with(PASSWORD, address="10.0.0.2")
    assert try_with(PASSWORD, name="grace")


def test_a_name_is_guarded_against_guesses_from_everywhere(ada, monkeypatch):
    monkeypatch.setattr("console.entering.MOST_OF_ONE_NAME", 5)
    for number in range(5):
        guess(1, address=f"10.0.1.{number}")

    assert not try_with(PASSWORD, address="10.0.0.9")


def test_a_quarter_of_an_hour_later_it_is_over(ada, time_machine):
    guess(MOST_FROM_ONE_PLACE + 1)
    time_machine.move_to(timezone.now() + timedelta(minutes=16))

    assert try_with(PASSWORD)


def test_what_is_kept_names_nobody_and_is_forgotten_after_a_day(ada):
    guess(1)
    assert "ada" not in str(LogInAttempt.objects.values().get())

    forget_attempts(timezone.now() + timedelta(days=1, minutes=1))
    assert not LogInAttempt.objects.exists()
