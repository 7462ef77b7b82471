from playwright.sync_api import Page, expect

from api.models import ApiKey


def test_the_page_shows_every_part_of_the_api_and_obeys_the_policy(site: str, page: Page) -> None:
    page.goto(f"{site}/api/docs/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Headwater")
    expect(page.locator(".opblock")).to_have_count(27)
    page.locator("#operations-candidates-user_candidates").get_by_role("button").first.click()
    expect(page.locator("#operations-candidates-user_candidates")).to_contain_text("published_since")


def test_the_page_tries_the_api_with_a_key(site: str, page: Page) -> None:
    _, key = ApiKey.objects.create_key(name="docs", scopes=["read"])
    page.goto(f"{site}/api/docs/")

    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(f"Api-Key {key}")
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    operation = page.locator("#operations-items-trending")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("200")
