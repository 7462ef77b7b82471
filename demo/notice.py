"""What must be said of the demo's data: whose it is, and what of it is invented."""

import json
from pathlib import Path

TITLE = "Demo: MovieLens-100K"
LINES = (
    "Ratings of 1,682 films by 943 people, collected by GroupLens Research at the University of Minnesota; for "
    "research, not for commercial use without permission.",
    "F. Maxwell Harper and Joseph A. Konstan (2015): The MovieLens Datasets: History and Context. ACM Transactions "
    "on Interactive Intelligent Systems 5, 4: 19.",
    "Friendships are invented: MovieLens has none.",
    "Times are shifted: the newest rating, of April 1998, is shown as if it were made when the demo was started.",
)


def write_notice(file: Path) -> None:
    """For every page that shows the data."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"title": TITLE, "lines": LINES}, indent=2) + "\n", encoding="utf-8")
