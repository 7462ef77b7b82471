"""The examples of docs/data.md are imported as they stand there."""

import re
from pathlib import Path

import pytest

from catalog.imports import KINDS, BadRow, Options, import_rows, open_source
from catalog.models import Item
from tests.catalog.people import NOW

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
EXAMPLES = [
    (section.split("\n")[0].lower(), language, example)
    for section in PAGE.split("\n## ")
    for language, example in re.findall(r"```(csv|json)\n(.*?)```", section, re.DOTALL)
]


def test_every_kind_has_an_example_in_both_text_formats():
    # A list of numbers has no place in a CSV's cell.
    assert sorted((kind, language) for kind, language, _ in EXAMPLES) == [
        (kind, language)
        for kind in sorted(KINDS)
        for language in ("csv", "json")
        if (kind, language) != ("vectors", "csv")
    ]


@pytest.mark.parametrize(("kind", "language", "example"), EXAMPLES)
def test_an_example_is_a_good_row(kind: str, language: str, example: str, tmp_path: Path):
    if kind == "vectors":  # which name items, and make none
        Item.objects.create(external_id="100", title="A song", created_at=NOW, updated_at=NOW)
    path = tmp_path / {"csv": "example.csv", "json": "example.jsonl"}[language]
    path.write_text(example)
    bad: list[BadRow] = []
    source = open_source(path, KINDS[kind].required)

    counts = import_rows(
        KINDS[kind], source, Options(NOW, create_missing=True, vector_set="sound"), on_bad=bad.append
    )

    assert bad == []
    assert counts.total() == 1
