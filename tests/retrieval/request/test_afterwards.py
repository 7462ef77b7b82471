import threading

from retrieval.afterwards import answering, current, later, lent, settled


def test_outside_of_an_answer_work_is_done_at_once():
    done = []

    later("a", lambda: done.append("a"))

    assert done == ["a"]


def test_work_waits_for_the_answer_and_then_goes_in_order():
    done = []

    with answering():
        later("a", lambda: done.append("a"))
        later("b", lambda: done.append("b"))
        assert done == []

    settled("b")
    assert done == ["a", "b"]


def test_who_reads_what_is_left_waits_for_it():
    may_go, done = threading.Event(), []
    with answering():
        later("slow", lambda: done.append(may_go.wait(30)))

    threading.Timer(0.05, may_go.set).start()
    settled("slow")

    assert done == [True]


def test_one_that_fails_holds_up_nobody():
    done = []

    def fails():
        raise ValueError("full")

    with answering():
        later("a", fails)
        later("b", lambda: done.append("b"))

    settled("b")
    assert done == ["b"]


def test_a_sources_thread_leaves_its_work_to_the_same_answer_until_that_is_out():
    done = []

    def source(turn):
        with lent(turn):
            later("vector", lambda: done.append("vector"))

    with answering():
        turn = current()
        in_time = threading.Thread(target=source, args=[turn])
        in_time.start()
        in_time.join()
        assert done == []
    settled("vector")
    assert done == ["vector"]

    # Its answer is out, and nobody would come for what it leaves.
    source(turn)
    assert done == ["vector", "vector"]


def test_an_answer_that_fails_leaves_what_it_left():
    done = []
    try:
        with answering():
            later("a", lambda: done.append("a"))
            raise ValueError("no answer")
    except ValueError:
        pass

    settled("a")
    assert done == ["a"]
