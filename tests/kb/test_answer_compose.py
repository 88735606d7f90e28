"""How an answer is worded."""

from __future__ import annotations

from dataclasses import replace

from index import load_encoder
from kb.answering.compose import choose, marked
from kb.answering.evidence import Evidence, weigh
from kb.answering.question import analyse
from kb.records import PassageRecord

FIRST = "粮食仓储企业每年应当抽检两次，抽检费用由企业承担。"
SECOND = "违反仓储规定的，由主管部门处以罚款五千元。"


def evidence(question: str, behind: float) -> Evidence:
    """Return two passages, the second's sentence as far behind the first's as said."""
    passages = [
        PassageRecord(at, f"p{at}", f"d{at}", 0, 0, len(text), text, (), None, None, (1,), (), "")
        for at, text in enumerate((FIRST, SECOND))
    ]
    found = weigh(analyse(question), [(1.0, one) for one in passages], load_encoder())
    first, second = sorted(found.sentences, key=lambda one: one.passage)
    scored = (replace(first, score=5.0), replace(second, score=5.0 - behind))
    return replace(found, sentences=scored)


def quoted(question: str, behind: float) -> list[str]:
    found = evidence(question, behind)
    return [one.text for one in choose(found, found.sentences)]


def test_a_sentence_nearly_as_good_is_quoted_too() -> None:
    assert quoted("粮食仓储企业每年抽检几次？", 0.5) == [FIRST, SECOND]
    assert quoted("粮食仓储企业每年抽检几次？", 1.5) == [FIRST]


def test_of_a_question_in_two_parts_more_is_quoted() -> None:
    assert quoted("粮食仓储企业每年抽检几次，违反了罚多少？", 1.5) == [FIRST, SECOND]
    assert quoted("粮食仓储企业每年抽检几次，违反了罚多少？", 2.5) == [FIRST]


def test_an_answer_is_one_line_with_its_markers_at_the_end() -> None:
    assert marked("出口增长，\n  稳定预期。", (1, 2)) == "出口增长， 稳定预期。[1][2]"


def test_reference_marks_of_the_text_are_not_taken_for_markers() -> None:
    assert marked("合计出口1.06万亿元[2]。", (1,)) == "合计出口1.06万亿元［2］。[1]"
    assert marked("国办发[2016]7号", (1,)) == "国办发［2016］7号[1]"
