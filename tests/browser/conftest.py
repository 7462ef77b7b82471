"""A real Chromium on the real pages: no error in its console and no request to another host, in any test."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request
from pytest_django.live_server_helper import LiveServer

from retrieval.mixes import forget_cached_mixes
from tests.console.screening import open_screening
from tests.console.staff import PASSWORD, superuser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="no chromium on the PATH: apt-get install chromium")
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            # The server's threads see only what is committed.
            item.add_marker(pytest.mark.django_db(transaction=True))
            # Where CI says it is CI, a missing browser is a failure: browser_type_launch_args tells it.
            if CHROMIUM is None and os.environ.get("CI") != "true":
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.fail("CI must have a browser: apt-get install chromium")
    # As root Chromium has no sandbox, and in a container a small /dev/shm.
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def _database_beside_playwright() -> None:
    # Playwright's synchronous calls leave an event loop running in the thread, in which Django would refuse to
    # touch the database; nothing here is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def site(_database_beside_playwright: None, live_server: LiveServer) -> Iterator[str]:
    """The address of a server that shows the movie world."""
    open_screening()
    superuser()
    yield live_server.url
    forget_cached_mixes()


@pytest.fixture
def page(site: str, page: Page) -> Iterator[Page]:
    """A page that fails its test for an error on it or a request that leaves the site."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text}")

    def watch(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            complaints.append(f"left the site: {request.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("request", watch)
    yield page
    assert complaints == []


@pytest.fixture
def staff_page(site: str, page: Page) -> Page:
    """The page, logged in through the admin's form."""
    page.goto(f"{site}/admin/login/?next=/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site}/")
    return page
