"""The page of an evaluation: every miss, and nothing that a browser would run."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kb.cli import run
from kb.errors import KBError
from kb.evaluation.questions import Asked, evaluate
from kb.evaluation.report import misses, report_page, write_report
from kb.types import Answer, Citation, Evaluation, Hit

EVIL = '<script>alert(1)</script>"\u202e&'


def hits(_query: str, _k: int) -> list[Hit]:
    return [Hit(1, 1.0, "p", "d", "", 1, (1,), (), None, "产量为五万吨。", ())]


def answer(question: str) -> Answer:
    if "拒" in question:
        return Answer(question, False, None, reason=EVIL)
    quotes = ("产量为五万吨。", f"{EVIL}与此无关的话")
    cited = tuple(Citation(n, "p", "d", "", 1, text, ()) for n, text in enumerate(quotes, start=1))
    return Answer(question, True, "五万吨[1]", cited)


def measured(*asked: Asked) -> Evaluation:
    return evaluate(asked, hits, answer, lambda _: "甲.pdf")


def test_precision_and_recall_of_citations_and_refusals() -> None:
    found = measured(
        Asked("产量？", "fact", "甲", ("产量为五万吨", "单产下降"), "五万吨"),
        Asked("拒甲？", "fact", "甲", ("产量为五万吨",), None),
        Asked("拒乙？", "none", None, (), None),
        Asked("问丙？", "none", None, (), None),
    ).metrics
    assert found["citation_precision"] == 0.5
    assert found["citation_recall"] == 0.25
    assert found["citation_match"] == found["citation_match:fact"] == 0.5
    assert found["refused"] == found["refusal_recall"] == found["refused:none"] == 0.5
    assert found["refusal_precision"] == 0.5


def test_every_miss_is_told_and_what_is_right_is_not() -> None:
    found = measured(
        Asked("产量？", "fact", "甲", ("产量为五万吨",), "五万吨"),
        Asked("单产？", "fact", "甲", ("单产下降",), "六"),
        Asked("拒甲？", "fact", "甲", ("产量为五万吨",), None),
        Asked("问丙？", "none", None, (), None),
    )
    told = [list(misses(row)) for row in found.rows]
    assert told[0] == []
    assert len(told[1]) == 3
    assert told[2] == ["wrongly refused"]
    assert told[3] == ["answered, though the documents do not hold the answer"]
    page = report_page(found, "问题.jsonl")
    assert "3 of 4 questions" in page
    assert page.count("<article>") == 3


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_documents_and_questions_say_is_escaped() -> None:
    page = report_page(measured(Asked(f"拒{EVIL}", EVIL, "甲", ("产量",), EVIL)), EVIL)
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert not {"script", "img", "link", "iframe"} & set(tags.seen)
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, report = tmp_path / "问.jsonl", tmp_path / "report.html"
    file.write_text(
        json.dumps({"question": "油菜产量？", "type": "fact", "gold": ["油菜"]}), "utf-8"
    )
    arguments = ["eval", "questions", str(file), "--html", str(report), "--json"]
    assert run(["--home", str(tmp_path / "home"), *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["wrongly_refused"] == 1.0
    assert "wrongly refused" in report.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KBError):
        write_report(tmp_path / "no" / "such" / "folder.html", measured(), "问")
