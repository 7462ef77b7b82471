from dataclasses import asdict, replace

import pytest
from playwright.sync_api import Page, expect

from retrieval.models import LiveRecall, ModelVersion
from retrieval.search_tuning import Curve, Point
from tests.browser.axe import serious_faults
from tests.catalog.people import NOW
from tests.console.test_admin_search import TUNING

RECALLS = {100: 0.905, 200: 0.931, 400: 0.962, 600: 0.975, 800: 0.981, 1000: 0.986}


@pytest.fixture
def version(site: str) -> ModelVersion:
    """Two engines at six efforts, about as a million vectors measured."""
    curves = [
        Curve(
            engine,
            tuple(
                Point(ef, f"{name} {ef}", recall, recall - 0.04, slow * (1 + ef / 200), slow * (2 + ef / 150))
                for ef, recall in RECALLS.items()
            ),
        )
        for engine, name, slow in (("pgvector", "ef_search", 2.0), ("faiss-hnsw", "efSearch", 0.35))
    ]
    version = ModelVersion.objects.create(
        cutoff=NOW,
        state=ModelVersion.State.READY,
        report={"search_tuning": asdict(replace(TUNING, curves=tuple(curves)))},
    )
    for hits in (389, 392):
        LiveRecall.record(
            version_id=version.pk,
            engine="pgvector",
            ef_search=400,
            hits=hits,
            expected=400,
            ms=6,
            exact_ms=90,
        )
    return version


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_page_of_a_versions_search(site: str, version: ModelVersion, staff_page: Page, size) -> None:
    page = staff_page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{site}/admin/retrieval/modelversion/{version.pk}/search/")

    expect(page.get_by_role("img", name="Recall@400")).to_be_visible()
    expect(page.get_by_text("✓ recommended")).to_be_visible()
    expect(page.get_by_role("button", name="Measure")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
