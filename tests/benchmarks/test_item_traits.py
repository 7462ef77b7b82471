"""What three films and a book that nobody touched have in common, and how old they are at the cutoff."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.datasets import DataSet, read_dataset
from benchmarks.item_traits import item_ages_s, traits
from benchmarks.loading import load
from catalog.models import Item

HEADER = "user_id,item_id,type,value,occurred_at\n"
TRAIN = "ann,alien,click,1,2026-01-01T00:00:00Z\nben,alien,click,1,2026-01-02T00:00:00Z\n"
TRAIN += "ben,heat,click,1,2026-01-08T00:00:00Z\n"
TEST = "ann,heat,click,1,2026-01-09T00:00:00Z\nann,speed,click,1,2026-01-10T00:00:00Z\n"
ITEMS = "item_id,title,tags,published_at\nalien,Alien,space|scary,2025-01-08\nheat,Heat,scary,\n"
ITEMS += "zen,Zen,,2026-01-20\n"
DAY = 86_400


def data_set(folder: Path, *, items: str = "") -> DataSet:
    files = {"train": HEADER + TRAIN, "test": HEADER + TEST, **({"items": items} if items else {})}
    for name, text in files.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return read_dataset(folder)


def test_items_that_share_one_of_two_tags_are_half_alike(tmp_path):
    found = traits(data_set(tmp_path, items=ITEMS)).toarray()

    alien, heat, speed, zen = found
    assert alien @ heat == pytest.approx(np.sqrt(1 / 2))
    assert not speed.any()
    assert not zen.any()


def test_without_tags_items_are_alike_by_who_liked_them(tmp_path):
    alien, heat, speed = traits(data_set(tmp_path)).toarray()

    assert alien @ heat == pytest.approx(np.sqrt(1 / 2))
    assert not speed.any()


def test_an_items_age_counts_from_its_publication_or_else_its_first_event(tmp_path):
    ages = item_ages_s(data_set(tmp_path, items=ITEMS))

    # The cutoff is a second after the 8th of January; speed and zen were not there yet.
    assert ages.tolist() == [365 * DAY + 1, 1, -1, -1]


@pytest.mark.django_db(transaction=True)
def test_what_is_published_after_the_cutoff_is_not_in_the_catalogue_yet(tmp_path):
    load(data_set(tmp_path, items=ITEMS))

    assert set(Item.objects.values_list("external_id", flat=True)) == {"alien", "heat"}
