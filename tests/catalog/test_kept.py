"""A copy that is at most so old, read anew by one, while the others and a Postgres that hangs hold nobody up."""

import threading

import pytest
from django.db import OperationalError

from catalog import kept as module
from catalog.kept import Kept, refresh_all


class Table:
    """What is stored, how often it was read, and whether its server is away."""

    def __init__(self) -> None:
        self.rows, self.readings, self.away = "old", 0, False

    def read(self) -> str:
        self.readings += 1
        if self.away:
            raise OperationalError("hung")
        return self.rows


@pytest.fixture
def table() -> Table:
    return Table()


def test_what_is_known_is_not_read_again(table):
    kept = Kept(table.read, fresh_s=60)

    assert [kept.get(), kept.get()] == ["old", "old"]
    assert table.readings == 1


def test_what_is_too_old_is_read_again_by_who_asks(table):
    kept = Kept(table.read, fresh_s=-1)
    kept.get()

    table.rows = "new"

    assert kept.get() == "new"


def test_what_was_forgotten_is_read_at_once(table):
    kept = Kept(table.read, fresh_s=60)
    kept.get()
    table.rows = "new"

    kept.forget()

    assert kept.get() == "new"


def test_while_postgres_is_away_what_was_known_last_is_said(table):
    kept = Kept(table.read, fresh_s=-1)
    kept.get()
    table.away = True

    assert kept.get() == "old"


def test_where_nothing_is_known_the_trouble_is_told(table):
    table.away = True

    with pytest.raises(OperationalError):
        Kept(table.read).get()


def test_looked_after_it_is_never_read_by_who_asks_however_old(table, monkeypatch):
    kept = Kept(table.read, fresh_s=-1)
    kept.get()
    monkeypatch.setattr(module, "_looked_after_in", module.os.getpid())
    table.rows = "new"

    assert kept.get() == "old"
    kept.refresh()
    assert kept.get() == "new"


def test_who_asks_while_it_is_read_waits_for_nothing_and_what_was_forgotten_meanwhile_is_not_kept():
    begun, go = threading.Event(), threading.Event()
    answers = iter(["first", "from before the change", "after it"])

    def read() -> str:
        answer = next(answers)
        if answer == "from before the change":
            begun.set()
            assert go.wait(30)
        return answer

    kept = Kept(read, fresh_s=-1)
    kept.get()
    thread = threading.Thread(target=kept.refresh)
    thread.start()
    assert begun.wait(30)

    assert kept.get() == "first"

    kept.forget()
    go.set()
    thread.join()
    assert kept.get() == "after it"


@pytest.mark.django_db
def test_a_copy_that_fails_leaves_the_others_theirs(table):
    def broken() -> str:
        if table.readings:
            raise ValueError
        return "fine"

    failing, good = Kept(broken), Kept(table.read)
    failing.get(), good.get()
    table.rows = "new"

    refresh_all()

    assert good.get() == "new"
    assert failing.get() == "fine"


@pytest.mark.parametrize("ask", [Kept.get, Kept.fresh])
def test_what_was_read_before_it_was_told_to_forget_is_not_kept(ask):
    """Another thread changes the table, and says so, while the first one reads."""
    stored = ["old"]

    def read() -> str:
        found = stored[0]
        if found == "old":
            stored[0] = "new"
            kept.forget()
        return found

    kept = Kept(read, fresh_s=60)

    assert ask(kept) == "old"
    assert kept.get() == "new"
