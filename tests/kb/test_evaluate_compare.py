"""Two runs compared, and the page of misses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index import load_segmenter
from index.embed import load_encoder
from kb.errors import InvalidInput
from kb.evaluation.beir import evaluate_folder, read_kinds
from kb.evaluation.compare import compare, compared, read_run
from kb.evaluation.retrieval_report import retrieval_page, write_retrieval_report
from kb.types import Evaluation


def run(values: list[float]) -> Evaluation:
    rows = [{"id": f"q{n}", "query": "问", "hybrid_ndcg@10": v} for n, v in enumerate(values)]
    return Evaluation({}, tuple(rows))


def test_a_run_against_itself_differs_by_nothing() -> None:
    one = run([0.0, 0.5, 1.0, 0.3])
    (found,) = compare(one, one.rows)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert found.p == 1.0
    assert (found.better, found.worse, found.queries) == (0, 0, 4)


def test_a_steady_gain_is_significant_and_a_noisy_one_is_not() -> None:
    rng = np.random.default_rng(3)
    other = rng.random(200)
    steady = compared("m", np.column_stack((other + 0.05 + 0.02 * rng.random(200), other)))
    assert steady.p < 0.001
    assert 0.05 < steady.low < steady.difference < steady.high < 0.07
    noise = rng.normal(0, 0.3, 200)
    noisy = compared("m", np.column_stack((other + noise - noise.mean() + 0.001, other)))
    assert noisy.p > 0.5
    assert noisy.low < 0 < noisy.high
    assert noisy == compared("m", np.column_stack((other + noise - noise.mean() + 0.001, other)))


def test_the_sign_says_which_run_is_better() -> None:
    better, worse = run([1.0, 1.0, 0.5]), run([0.5, 0.2, 0.5])
    (found,) = compare(better, worse.rows)
    assert found.difference == pytest.approx(0.43333, abs=1e-4)
    assert (found.mean, found.other) == (pytest.approx(0.8333, abs=1e-4), pytest.approx(0.4))
    assert (found.better, found.worse) == (2, 0)
    assert compare(worse, better.rows)[0].difference == -found.difference


def test_runs_without_a_common_query_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no query in common"):
        compare(run([1.0]), [{"id": "other", "hybrid_ndcg@10": 1.0}])
    for text in ("[]", "{", '{"rows": 3}', '{"metrics": {}}'):
        path = tmp_path / "run.json"
        path.write_text(text, "utf-8")
        with pytest.raises(InvalidInput, match="is no run"):
            read_run(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = [
        {"_id": f"p{n}", "title": "港口", "text": f"第{n}条 港口岸线的使用应当符合规划。"}
        for n in range(15)
    ]
    corpus.append({"_id": "p<x>", "title": "", "text": "<b>渔船</b>安装定位设备。"})
    queries = [
        {"_id": "1-lay", "text": "渔船装什么"},
        {"_id": "2-pro", "text": "港口岸线 <script>"},
        {"_id": "3-pro", "text": "港口岸线使用"},
    ]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    (tmp_path / "qrels").mkdir()
    grades = "query-id\tcorpus-id\tscore\n1-lay\tp<x>\t1\n2-pro\tp<x>\t1\n3-pro\tp3\t1\n"
    (tmp_path / "qrels" / "test.tsv").write_text(grades, "utf-8")
    return tmp_path


def test_kinds_are_measured_and_misses_shown_with_their_texts(folder: Path) -> None:
    found = evaluate_folder(folder, load_encoder(), load_segmenter())
    assert found.metrics["hybrid_ndcg@10:lay"] == 1.0
    assert "hybrid_recall@100:pro" in found.metrics
    by_id = {row["id"]: row for row in found.rows}
    assert "sought" not in by_id["1-lay"]
    assert by_id["2-pro"]["type"] == "pro"
    sought = by_id["2-pro"]["sought"]
    assert sought == [{"id": "p<x>", "title": "", "text": "<b>渔船</b>安装定位设备。"}]
    page = retrieval_page(found, "set <one>")
    assert "&lt;b&gt;渔船&lt;/b&gt;" in page
    assert "<script>" not in page
    assert "set <one>" not in page
    assert "港口岸线 &lt;script&gt;" in page
    write_retrieval_report(folder / "misses.html", found, "set")
    assert (folder / "misses.html").read_text("utf-8").startswith("<!doctype html>")


def test_kinds_come_from_a_field_else_from_identifiers(tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"_id": "a", "text": "x", "type": "clause"}\n', "utf-8")
    assert read_kinds(path, ["a"]) == {"a": "clause"}
    path.write_text("", "utf-8")
    assert read_kinds(path, ["1-lay", "1-pro"]) == {"1-lay": "lay", "1-pro": "pro"}
    assert read_kinds(path, ["q1", "q2"]) == {}
    assert read_kinds(path, ["a-x1", "a-x2"]) == {}
