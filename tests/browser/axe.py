"""axe-core on a page: what keeps people out."""

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_faults(page: Page) -> list[str]:
    """One line per fault of impact serious or critical, with the first element that has it."""
    found = Axe().run(page)
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
