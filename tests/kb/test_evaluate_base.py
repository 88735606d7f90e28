"""Evaluating a real knowledge base on a question file."""

from __future__ import annotations

import json
from pathlib import Path

from kb.knowledge_base import KnowledgeBase

QUESTIONS = [
    {
        "question": "甜菜种植面积增加了多少亩？",
        "type": "fact",
        "doc": "甜菜",
        "gold": ["甜菜种植面积增加3.2万亩"],
        "answer": "3.2万亩",
    },
    {"question": "怎样修理自行车链条？", "type": "none", "doc": None, "gold": [], "answer": None},
]


def test_search_answers_and_refusals_are_measured(tmp_path: Path) -> None:
    document = tmp_path / "甜菜.md"
    document.write_text(
        "# 甜菜生产简报\n\n2020年甜菜种植面积增加3.2万亩，单产略有下降。\n", "utf-8"
    )
    file = tmp_path / "questions.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in QUESTIONS]
    file.write_text("\n".join(lines), "utf-8")
    with KnowledgeBase.open(tmp_path / "home") as base:
        base.ingest([document])
        found = base.evaluate_questions(file)
    perfect = ("hit@1", "hit@5", "mrr", "answer_match", "citation_match")
    perfect += ("citation_precision", "citation_recall")
    assert found.metrics == {
        **dict.fromkeys(perfect, 1.0),
        **{f"{name}:fact": 1.0 for name in perfect},
        "refused": 1.0,
        "refused:none": 1.0,
        "refusal_precision": 1.0,
        "refusal_recall": 1.0,
        "wrongly_refused": 0.0,
        "wrongly_refused:fact": 0.0,
    }
    assert [row["rank"] for row in found.rows] == [1, None]
