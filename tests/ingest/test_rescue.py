"""What is left out of a file at its second and third try."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.parse import Progress, Stage
from ingest.rescue import TRIES, Attempt, next_attempt

STAGES: list[Stage] = ["reading", "pages", "ocr", "structure"]


def test_a_page_that_hangs_is_left_out_then_all_from_it_on() -> None:
    second = next_attempt(Attempt(), Progress("pages", 56, 80), slow=False, why="hung")
    assert second == Attempt(2, frozenset({57}), "hung")
    third = next_attempt(second, Progress("pages", 70, 80), slow=False, why="hung again")
    assert third == Attempt(3, frozenset({57, *range(71, 81)}), "hung again")
    assert next_attempt(third, Progress("pages", 10, 80), slow=False, why="") is None


def test_of_a_slow_file_a_third_of_what_was_read_is_kept() -> None:
    second = next_attempt(Attempt(), Progress("pages", 300, 1000), slow=True, why="slow")
    assert second is not None
    assert second.skip == frozenset(range(101, 1001))
    third = next_attempt(second, Progress("structure", 1000, 1000), slow=True, why="slow")
    assert third is not None
    assert third.skip == frozenset(range(34, 1001))


def test_the_layout_model_is_left_out_before_any_page_is() -> None:
    at = Progress("pages", 9, 9)
    second = next_attempt(Attempt(), at, slow=False, why="hung")
    assert second == Attempt(2, frozenset(), "hung", "never")
    third = next_attempt(second, at, slow=False, why="hung")
    assert third is not None
    assert third.skip == frozenset(range(4, 10))


def test_what_cannot_be_helped_is_not_tried_again() -> None:
    assert next_attempt(Attempt(), Progress("reading"), slow=False, why="") is None
    assert next_attempt(Attempt(), Progress("ocr", 2, 9), slow=False, why="") is None
    assert next_attempt(Attempt(), Progress("pages", 0, 1), slow=False, why="") is None


@given(st.lists(st.tuples(st.sampled_from(STAGES), st.integers(0, 40), st.booleans())))
def test_every_try_reads_something_and_less_than_the_one_before(
    failures: list[tuple[Stage, int, bool]],
) -> None:
    attempt = Attempt()
    for stage, page, slow in failures:
        again = next_attempt(attempt, Progress(stage, page, 40), slow=slow, why="why")
        if again is None:
            return
        assert attempt.number < again.number <= TRIES
        assert attempt.skip <= again.skip
        assert len(again.skip) < 40
        assert again.skip > attempt.skip or again.layout == "never" != attempt.layout
        attempt = again
