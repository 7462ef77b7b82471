import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
OURS = {"'self'", "'none'", "data:", "'unsafe-eval'", "'unsafe-inline'"}


def policy(client: Client, path: str) -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {words[0]: words[1:] for part in header.split(";") if (words := part.split())}


def test_pages_allow_no_inline_code_and_no_evaluation(client: Client) -> None:
    words = {word for values in policy(client, "/").values() for word in values}
    assert words <= {"'self'", "'none'", "data:"}


def test_the_admin_may_evaluate_but_runs_no_inline_script(client: Client) -> None:
    directives = policy(client, "/admin/login/")
    assert directives["script-src"] == ["'self'", "'unsafe-eval'"]
    assert directives["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/inspector/"])
def test_no_policy_names_another_host(client: Client, path: str) -> None:
    assert {word for values in policy(client, path).values() for word in values} <= OURS
