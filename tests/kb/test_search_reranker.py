"""The setting `reranker`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.errors import ModelProblem

TEXTS = (
    "港口岸线保护办法。",
    "渔业资源保护条例。",
    "新能源汽车出口指南。",
    "跨境电商信贷支持政策。",
)


def made(folder: Path) -> Path:
    files = folder / "files"
    files.mkdir()
    for at, text in enumerate(TEXTS):
        (files / f"{at}.txt").write_text(f"{text[:-1]}\n\n第一条 为了{text}\n", "utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        assert base.ingest([files], workers=1).failed == 0
    return folder / "home"


def texts(home: Path, query: str) -> list[str]:
    with KnowledgeBase.open(home) as base:
        return [hit.text for hit in base.search(query).hits]


@pytest.mark.slow
def test_a_cross_encoder_orders_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save_cross_encoder: Callable[..., Path]
) -> None:
    from index.cross import CrossEncoderReader

    home = made(tmp_path)
    model = save_cross_encoder()
    before = texts(home, "渔业保护")
    monkeypatch.setenv("POLICYKB_RERANKER", str(model))
    after = texts(home, "渔业保护")
    assert sorted(before) == sorted(after)
    with KnowledgeBase.open(home) as base:
        hits = base.search("渔业保护").hits
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        read = [f"{hit.title}\n{hit.text}" for hit in hits]
    own = CrossEncoderReader.load(str(model)).scores("渔业保护", read).tolist()
    assert own == sorted(own, reverse=True)


def test_none_leaves_the_fused_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made(tmp_path)
    monkeypatch.setenv("POLICYKB_RERANKER", "none")
    with KnowledgeBase.open(home) as base:
        hits = base.search("渔业保护").hits
        index = base.context.index
        assert index is not None
        assert index.reranker is None
        assert hits[0].text.startswith("渔业资源")


@pytest.mark.slow
def test_a_model_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made(tmp_path)
    monkeypatch.setenv("POLICYKB_RERANKER", str(tmp_path / "missing"))
    with KnowledgeBase.open(home) as base, pytest.raises(ModelProblem, match="missing"):
        base.search("渔业")
