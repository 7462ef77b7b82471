from pathlib import Path

import pytest
import time_machine

from console.notices import Notice, current_notice, current_traffic, environment_badge
from tests.console.staff import logged_in


def test_without_a_file_there_is_no_notice() -> None:
    assert current_notice() is None
    assert environment_badge(None) is None


def test_the_file_is_read_anew_every_time(console_files: Path) -> None:
    file = console_files / "demo-notice.json"
    file.write_text('{"title": "Films", "lines": ["One.", "Two."]}')
    assert current_notice() == Notice("Films", ("One.", "Two."))
    file.unlink()
    assert current_notice() is None


@pytest.mark.parametrize(
    "body", ["", "[]", '{"title": 1, "lines": []}', '{"title": "x", "lines": "y"}', "\x00"]
)
def test_a_damaged_file_still_says_that_the_data_is_a_demonstration(console_files: Path, body: str) -> None:
    (console_files / "demo-notice.json").write_text(body)
    notice = current_notice()
    assert notice is not None
    assert notice.title == "Demonstration data"


def test_simulated_traffic_is_named_while_it_lasts_and_differently_afterwards(console_files: Path) -> None:
    assert current_traffic() is None
    (console_files / "demo-audience.json").write_text(
        '{"title": "On", "lines": ["Switch it off."], "until": 1000.5, '
        '"afterwards": {"title": "Was on", "lines": []}}'
    )

    with time_machine.travel(1000, tick=False):
        assert current_traffic() == Notice("On", ("Switch it off.",))
        assert environment_badge(None) == ["On", "warning"]
    with time_machine.travel(1001, tick=False):
        assert current_traffic() == Notice("Was on", ())


@pytest.mark.django_db
def test_a_page_names_the_data_in_a_line_and_tells_the_rest_on_request(console_files: Path) -> None:
    (console_files / "demo-notice.json").write_text('{"title": "Films", "lines": ["One.", "Two."]}')

    client = logged_in()
    for page in ("/", "/admin/"):
        shown = client.get(page).content.decode()
        line, _, rest = shown.partition("<summary>")[2].partition("</summary>")
        assert "Films." in line
        assert "One." not in line
        assert "Films: One. Two." in rest
