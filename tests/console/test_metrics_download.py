"""What a spreadsheet makes of a figure."""

import pytest

from console.metrics.download import cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_of_a_download_is_a_formula(text: str):
    assert cell(text) == f"'{text}"


def test_numbers_and_gaps_stay_what_they_are():
    assert [cell(-1.5), cell(None), cell("trending")] == [-1.5, "", "trending"]
