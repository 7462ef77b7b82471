import re

from django.test import Client


def test_the_page_has_no_script_and_no_style_of_its_own():
    page = Client().get("/api/docs/").content.decode()

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page
    assert re.findall(r"\son\w+=", page) == []


def test_the_page_asks_no_other_host():
    page = Client().get("/api/docs/").content.decode()

    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


def test_the_policy_allows_no_inline_script():
    policy = Client().get("/api/docs/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_the_script_of_the_page_names_the_document():
    response = Client().get("/api/docs/?script=")

    assert response["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema" in response.content.replace(b"\\u002D", b"-")
