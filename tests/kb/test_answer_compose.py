"""How an answer is worded."""

from __future__ import annotations

from kb.answering.compose import marked


def test_an_answer_is_one_line_with_its_markers_at_the_end() -> None:
    assert marked("出口增长，\n  稳定预期。", (1, 2)) == "出口增长， 稳定预期。[1][2]"


def test_reference_marks_of_the_text_are_not_taken_for_markers() -> None:
    assert marked("合计出口1.06万亿元[2]。", (1,)) == "合计出口1.06万亿元［2］。[1]"
    assert marked("国办发[2016]7号", (1,)) == "国办发［2016］7号[1]"
