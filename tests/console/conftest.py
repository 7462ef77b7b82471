from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from console.config import config
from console.facts import current_facts


@pytest.fixture(autouse=True)
def console_files(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The folder of the notice and the log-in: the test's own, and empty."""
    settings.CONSOLE = {
        "notice_file": str(tmp_path / "demo-notice.json"),
        "audience_file": str(tmp_path / "demo-audience.json"),
        "audience_off_file": str(tmp_path / "demo-audience.off"),
        "login_file": str(tmp_path / "demo.json"),
    }
    config.cache_clear()
    current_facts.cache_clear()
    yield tmp_path
    config.cache_clear()
    current_facts.cache_clear()
