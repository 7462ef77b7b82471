"""Keys, the cache, imports, exports and erasures, as somebody at a desk and somebody with a phone use them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from catalog.imports import BadRow
from catalog.imports.by_api import record_list
from catalog.imports.recording import Refused
from catalog.models import Item, User
from console.data.running import run_import
from console.tasks import import_file
from retrieval.models import Erasure
from tests.browser.axe import serious_faults

SIZES = ((390, 844), (1280, 800))
FILMS = "item_id,title,published_at\nran,Ran,1985-06-01\nkolya,Kolya,never\n"


@pytest.fixture
def films(tmp_path: Path, monkeypatch) -> Path:
    """Two films, one of them bad, and a worker at hand."""
    monkeypatch.setattr(import_file, "delay", run_import)
    path = tmp_path / "films.csv"
    path.write_text(FILMS)
    return path


def is_sound(page: Page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert serious_faults(page) == []


def test_a_file_is_looked_at_and_imported_and_a_person_erased(site: str, staff_page: Page, films: Path):
    page = staff_page
    page.goto(f"{site}/admin/console/importrun/add/")
    page.get_by_label("What it holds").select_option("items")
    page.locator("input[type=file]").set_input_files(films)
    is_sound(page)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("Neither an ISO 8601 time")).to_be_visible()
    is_sound(page)
    page.get_by_label("Why").fill("The new films.")
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    assert Item.objects.filter(external_id="ran").exists()

    refused = Refused()
    refused.add(BadRow(7, "title", "At most 500 characters."), "4bf92f3577b34da6a3ce929d0e0e4736")
    record_list("items", 900, refused, key_prefix="abcd1234", key_name="Feed", inline=True)
    page.goto(f"{site}/admin/console/importrun/")
    is_sound(page)
    page.get_by_role("link", name="Feed").click()
    expect(page.get_by_text("all 1 refused rows")).to_be_visible()
    is_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "7,title,At most 500 characters." in Path(download.value.path()).read_text()

    page.goto(f"{site}/admin/retrieval/erasure/erase/")
    page.get_by_label("User", exact=False).first.fill("ann")
    page.get_by_label("The id once more").fill("ann")
    page.get_by_label("Why").fill("She asked.")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("copies elsewhere are being looked for")).to_be_visible()
    expect(page.get_by_text(Erasure.objects.get().user_hash)).to_be_visible()
    is_sound(page)
    assert not User.objects.filter(external_id="ann").exists()


def test_a_key_is_made_and_the_cache_and_the_data_are_looked_at(site: str, staff_page: Page):
    page = staff_page
    page.goto(f"{site}/admin/api/apikey/add/")
    page.get_by_label("Name").fill("shop")
    page.get_by_label("read:", exact=False).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Key", exact=True)).to_have_value(re.compile(r"^\w{8}\.\w{32}$"))
    is_sound(page)
    page.get_by_role("link", name="I have it").click()
    page.goto(f"{site}/admin/console/cachepage/")
    page.get_by_label("Tags").fill("snow")
    page.get_by_label("Why").fill("Wrongly tagged.")
    page.get_by_role("button", name="Make anew").click()
    expect(page.get_by_text("tags: snow")).to_be_visible()
    is_sound(page)
    page.goto(f"{site}/admin/console/datapage/")
    expect(page.get_by_role("heading", name="Events by month")).to_be_visible()
    is_sound(page)
