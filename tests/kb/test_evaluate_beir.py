"""Retrieval measured on a folder made here."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index import Scored, load_segmenter
from index.cross import Scores
from index.embed import load_encoder
from index.rerank import Reranker
from kb import KnowledgeBase
from kb.errors import InvalidInput
from kb.evaluation.beir import evaluate_folder, read_grades

CORPUS = [
    ("p1", "出口退税", "纳税人应当在货物报关出口之日起次月申报退税。"),
    ("p2", "食品安全", "食品生产者应当建立进货查验记录制度。"),
    ("p3", "道路交通", "机动车行经人行横道时应当减速行驶。"),
]
QUERIES = [("q1", "食品厂进货要不要记录？"), ("q2", "过斑马线汽车要减速吗"), ("q9", "无人评过")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt", encoding="utf-8") as file:
        for name, title, text in CORPUS:
            file.write(json.dumps({"_id": name, "title": title, "text": text}) + "\n")
    lines = [json.dumps({"_id": name, "text": text}) for name, text in QUERIES]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "qrels").mkdir()
    qrels = "query-id\tcorpus-id\tscore\nq1\tp2\t1\nq2\tp3\t1\n"
    (tmp_path / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return tmp_path


def test_the_contracts_measures_for_every_judged_query(folder: Path) -> None:
    stages: list[str] = []
    found = evaluate_folder(
        folder, load_encoder(), load_segmenter(), lambda what, *_: stages.append(what)
    )
    names = {
        f"{mode}_{m}"
        for mode in ("lexical", "dense", "hybrid")
        for m in ("ndcg@10", "recall@5", "recall@100")
    }
    times = {"ms_per_query_p50", "ms_per_query_p99", "passages_per_second"}
    assert found.metrics.keys() == names | times
    assert found.metrics["hybrid_ndcg@10"] == 1.0
    assert [row["first"] for row in found.rows] == ["p2", "p3"]
    assert {"indexing", "searching"} <= set(stages)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("queries.jsonl", '{"_id": "q1"}\n', "line 1 has no text in its field 'text'"),
        ("queries.jsonl", '{"_id": "q1", "text": "有"}\n', "lacks the judged query 'q2'"),
        ("queries.jsonl", "{\n", "line 1 is not JSON"),
        ("queries.jsonl", "[]\n", "line 1 is not a JSON object"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 p2 1\n", "line 2 is not query-id"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "has no judgements"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    folder: Path, file: str, text: str, message: str
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message) as caught:
        evaluate_folder(folder, load_encoder(), load_segmenter())
    assert Path(file).name in caught.value.message


def test_a_passage_given_twice_is_refused(folder: Path) -> None:
    (folder / "corpus.jsonl.gz").unlink()
    row = json.dumps({"_id": "p1", "text": "一"})
    (folder / "corpus.jsonl").write_text(f"{row}\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl, line 2 has the _id 'p1'"):
        evaluate_folder(folder, load_encoder(), load_segmenter())


def test_a_damaged_archive_is_refused(folder: Path) -> None:
    data = (folder / "corpus.jsonl.gz").read_bytes()
    (folder / "corpus.jsonl.gz").write_bytes(data[:-12])
    with pytest.raises(InvalidInput, match="cannot be read"):
        evaluate_folder(folder, load_encoder(), load_segmenter())


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"has no corpus\.jsonl"):
        evaluate_folder(tmp_path, load_encoder(), load_segmenter())


def test_grades_need_no_heading_line(tmp_path: Path) -> None:
    path = tmp_path / "test.tsv"
    path.write_text("q1\tp1\t2\nq1\tp2\t0\n", encoding="utf-8")
    assert read_grades(path) == {"q1": {"p1": 2, "p2": 0}}


class Backwards:
    """Reads pairs so that what a search found last is best."""

    name = "backwards"

    def __init__(self) -> None:
        self.read: dict[str, list[str]] = {}

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        self.read[query] = list(texts)
        return np.arange(len(texts), dtype=np.float32)


def test_the_first_of_a_hybrid_search_are_read_again_by_the_cross_encoder(folder: Path) -> None:
    reader = Backwards()
    plain = evaluate_folder(folder, load_encoder(), load_segmenter())
    found = evaluate_folder(folder, load_encoder(), load_segmenter(), pair_reader=reader)
    first = [texts[0] for texts in reader.read.values()]
    assert first == [f"{title}\n{text}" for _, title, text in CORPUS[1:]]
    assert found.metrics["hybrid_ndcg@10"] < plain.metrics["hybrid_ndcg@10"]
    assert found.metrics["lexical_ndcg@10"] == plain.metrics["lexical_ndcg@10"]
    assert found.metrics["dense_ndcg@10"] == plain.metrics["dense_ndcg@10"]


def test_without_the_reranker_the_fused_order_is_measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def reranked(reranker: Reranker, query: str, hits: list[Scored], *_: object) -> list[Scored]:
        read.append(query)
        return hits

    monkeypatch.setattr(Reranker, "rerank", reranked)
    evaluate_folder(folder, load_encoder(), load_segmenter(), reads_again=False)
    assert read == []
    evaluate_folder(folder, load_encoder(), load_segmenter())
    assert read == [text for _, text in QUERIES[:2]]


@pytest.mark.parametrize(("setting", "reads_again"), [("default", True), ("none", False)])
def test_the_setting_decides_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, reads_again: bool
) -> None:
    monkeypatch.setenv("POLICYKB_RERANKER", setting)
    with KnowledgeBase.open(tmp_path / "home") as base:
        assert base.context.reads_again is reads_again
