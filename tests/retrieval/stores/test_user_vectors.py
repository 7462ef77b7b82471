"""The vector of a user is kept for as long as the history it was made from."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from retrieval import keys
from retrieval.service import ask
from retrieval.valkey import client
from tests.retrieval.stores.kept_pools import REQUEST
from tests.worlds import did

pytestmark = pytest.mark.django_db(transaction=True)


class TestVectors:
    """L2, without a model: what is kept is what was made for this history."""

    @pytest.fixture
    def made(self, world) -> Callable[[str], np.ndarray]:
        from retrieval.types import LiveModel
        from retrieval.user_vectors import kept_or_made

        model = LiveModel(7, 3, "", "")
        count = iter(range(100))

        def vector(user: str, **changes) -> np.ndarray:
            context = replace(ask(replace(REQUEST, user=user)).context, **changes)
            with kept_or_made(context, model, lambda: np.full(3, next(count), np.float32)) as vector:
                return vector

        return vector

    def test_a_vector_is_made_once_for_a_history(self, made):
        assert made("ann").tolist() == made("ann").tolist() == [0, 0, 0]

    def test_an_event_makes_it_anew(self, made):
        made("ann")
        did("ann", "click", "amelie", hours_ago=0)

        assert made("ann").tolist() == [1, 1, 1]

    def test_others_have_others(self, made):
        assert made("ann").tolist() != made("ben").tolist()

    def test_a_request_with_a_context_of_its_own_neither_keeps_nor_uses_one(self, made):
        made("ann")

        assert made("ann", keeps_vector=False).tolist() == [1, 1, 1]
        assert made("ann").tolist() == [0, 0, 0]

    def test_damaged_bytes_are_a_miss(self, made):
        made("ann")
        key = keys.vector_key("ann", model=7)
        packed = bytearray(client().get(key))
        packed[-1] ^= 1
        client().set(key, bytes(packed))

        assert made("ann").tolist() == [1, 1, 1]

    def test_a_request_remembers_what_it_found(self, world):
        from retrieval.types import LiveModel
        from retrieval.user_vectors import kept_or_made

        def looks() -> list[tuple[str, str]]:
            context = ask(REQUEST).context
            # A source gets a context of its own, and notes in the same list.
            own = context.for_source(deadline=context.deadline, options={})
            with kept_or_made(own, LiveModel(7, 3, "", ""), lambda: np.zeros(3, np.float32)):
                return list(context.vector_looks)

        assert [looks(), looks()] == [[("miss", "absent")], [("hit", "")]]
