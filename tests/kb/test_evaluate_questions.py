"""Question files, and how answers are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.errors import InvalidInput
from kb.evaluation.questions import Asked, evaluate, read_questions
from kb.types import Answer, Citation, Hit

TEXTS = ["进口 下降了３％。", "出口增长5%。", "出口增长5%。"]
DOCUMENTS = ["d0", "d1", "d2"]
NAMES = {"d0": "一季度.pdf", "d1": "上半年.pdf", "d2": "全年.v2.pdf"}


def hits(_query: str, _k: int) -> list[Hit]:
    return [
        Hit(rank, 1.0, f"p{rank}", document, "", 1, (1,), (), None, text, ())
        for rank, (text, document) in enumerate(zip(TEXTS, DOCUMENTS, strict=True), start=1)
    ]


def answer(question: str) -> Answer:
    if "天气" in question:
        return Answer(question, False, None)
    cited = Citation(1, "p2", "d1", "", 1, "出口增长\n5%。", ())
    return Answer(question, True, "５%[1]", (cited,))


def measured(*asked: Asked) -> dict[str, float]:
    return evaluate(asked, hits, answer, NAMES.__getitem__).metrics


def test_gold_is_compared_after_normalisation() -> None:
    metrics = measured(Asked("进口降了多少？", "fact", None, ("进口下降了3%",), None))
    assert metrics["hit@1"] == metrics["mrr"] == metrics["mrr:fact"] == 1


def test_the_document_has_to_be_the_right_one() -> None:
    metrics = measured(Asked("全年出口？", "fact", "全年.v2", ("出口增长5%",), None))
    assert metrics["mrr"] == pytest.approx(1 / 3)
    assert metrics["hit@5"] == 1
    assert metrics["citation_match"] == 0


def test_answers_and_citations_are_judged_without_white_space() -> None:
    metrics = measured(Asked("上半年出口？", "fact", "上半年", ("出口增长5%",), "5 %"))
    assert metrics["answer_match"] == metrics["citation_match"] == 1


def test_refusals_count_apart_for_what_can_be_answered_and_what_cannot() -> None:
    metrics = measured(
        Asked("天气如何？", "none", None, (), None),
        Asked("出口如何？", "none", None, (), None),
        Asked("天气影响出口吗？", "semantic", None, ("出口增长5%",), None),
    )
    assert metrics["refused"] == 0.5
    assert metrics["wrongly_refused"] == 1
    assert "mrr:none" not in metrics


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"type": "fact"}, "no text in its field 'question'"),
        ({"question": "问", "type": "fact", "gold": "出口"}, "'gold' that is not a list"),
        ({"question": "问", "type": "fact", "doc": 3}, "'doc' that is neither text nor null"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: dict[str, object], message: str) -> None:
    path = tmp_path / "questions.jsonl"
    good = json.dumps({"question": "问", "type": "none"})
    path.write_text(f"{good}\n\n{json.dumps(row)}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=f"line 3 .*{message}"):
        read_questions(path)


def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InvalidInput, match="has no questions"):
        read_questions(tmp_path / "empty.jsonl")
