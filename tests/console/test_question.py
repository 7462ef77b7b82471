from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict

from console.inspector.question import Question, QuestionForm

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def asked(query: str) -> tuple[Question, list[str]]:
    form = QuestionForm(QueryDict(query))
    return form.question(), list(form.errors)


def test_a_link_leads_back_to_the_same_question() -> None:
    question = Question(user="a/b ü", k=50, mix=3, fresh=True, show="content", page=2, why="fargo")
    assert asked(urlsplit(question.link()).query) == (question, [])


def test_what_is_default_stays_out_of_the_address() -> None:
    assert parse_qs(urlsplit(Question(user="7").link(page=1, show="merged")).query) == {"user": ["7"]}


def test_a_wrong_number_is_named_and_the_rest_understood() -> None:
    question, errors = asked("user=7&k=100000&mix=2")
    assert errors == ["k"]
    assert (question.user, question.k, question.mix) == ("7", 1000, 2)


def test_nul_in_a_user_is_refused_before_the_database_sees_it() -> None:
    question, errors = asked("user=a%00b")
    assert question.user == ""
    assert errors == ["user"]


def test_a_question_becomes_a_request() -> None:
    request = Question(user="7", k=50, mix=3, fresh=True).to_request(NOW)
    assert (request.user, request.k, request.mix_revision, request.use_cache) == ("7", 50, 3, False)
    assert request.now == NOW
