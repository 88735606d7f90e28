"""A quote that crosses pages is cited on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pymupdf
import pytest

from ingest.model import Block, Page
from ingest.parse import structure
from kb.cite import Quotes
from kb.documents import new_document
from kb.knowledge_base import KnowledgeBase
from kb.migrations import migrate
from kb.records import PassageRecord
from kb.store.engine import connect
from kb.store.writing import SqlStore

FIRST = [
    "港口经营人应当建立健全安全生产责任制和岗位操作规程，加强对从业",
    "人员的教育和培训，定期检修装卸机械和仓储设施，保存检修记录，并",
    "按照规定配备应急救援器材，制定应急预案，每年至少组织两次演练，",
]
SECOND = ["向所在地港口行政管理部门报告演练情况。", "本办法自发布之日起施行。"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    path = tmp_path_factory.mktemp("documents") / "港口.pdf"
    with pymupdf.open() as document:
        for lines in (FIRST, SECOND):
            page = document.new_page(width=595, height=842)
            for number, line in enumerate(lines):
                page.insert_text((72, 600 + 24 * number), line, fontname="china-s", fontsize=14)
        document.save(path)
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest([path]).failed == 0
        yield opened


def passages(base: KnowledgeBase) -> list[PassageRecord]:
    return base.context.store.passages(base.documents()[0].document_id)


def test_one_quote_for_each_page_with_a_box_for_each_line(base: KnowledgeBase) -> None:
    store = base.context.store
    (passage, *_) = passages(base)
    text = store.document_text(passage.document_id)
    start, end = text.index("每年至少"), text.index("情况。") + len("情况。")
    quotes = Quotes(store)
    assert quotes.cite(passage, start, end) == (1, 2)
    assert [one.page for one in quotes.citations] == [1, 2]
    assert quotes.citations[0].quote == "每年至少组织两次演练，"
    assert quotes.citations[1].quote == "向所在地港口行政管理部门报告演练情况。"
    for citation in quotes.citations:
        assert {box.page for box in citation.boxes} == {citation.page}
        assert citation.quote in base.page_text(citation.document_id, citation.page).text
    assert quotes.dropped == 0


def test_what_was_cited_before_keeps_its_marker(base: KnowledgeBase) -> None:
    (passage, *_) = passages(base)
    text = base.context.store.document_text(passage.document_id)
    start = text.index("定期检修")
    quotes = Quotes(base.context.store)
    assert quotes.cite(passage, start, start + 20) == (1,)
    assert quotes.cite(passage, start, start + 4) == (1,)
    assert len(quotes.citations) == 1


def test_a_quote_of_several_lines_has_several_boxes(base: KnowledgeBase) -> None:
    (passage, *_) = passages(base)
    text = base.context.store.document_text(passage.document_id)
    quotes = Quotes(base.context.store)
    quotes.cite(passage, text.index("加强对从业"), text.index("按照规定"))
    assert len(quotes.citations[0].boxes) == 2


def test_an_answer_from_both_pages_shows_both_markers(base: KnowledgeBase) -> None:
    answer = base.ask("港口经营人的应急演练情况要向哪个部门报告？")
    assert answer.answered
    assert "[1][2]" in str(answer.answer)


def test_a_clause_around_a_footnote_is_cited_in_parts(tmp_path: Path) -> None:
    """The body reads a footnote before the paragraph that it parts, the page after it."""
    pages = [
        Page(
            1,
            595,
            842,
            (
                Block("paragraph", "一、加强演练。下列单位应当制定预案。", None),
                Block("paragraph", "演练情况应当向所在地港口行政", None, continues=True),
                Block("footnote", "① 演练指综合演练。", None),
            ),
        ),
        Page(2, 595, 842, (Block("paragraph", "管理部门报告。", None),)),
    ]
    document = structure("演练.pdf", pages, [])
    new = new_document(document, name="演练.pdf", sha256="c" * 64, suffix=".pdf", ocr="never")
    engine = connect(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    migrate(engine)
    with closing(SqlStore(engine)) as store:
        store.add(new, "演练.pdf")
        [clause] = store.clauses_of(new.info.document_id)
        quotes = Quotes(store)
        assert quotes.cite_clause(clause) == (1, 2, 3, 4)
        assert quotes.dropped == 0
    assert [(one.page, one.quote) for one in quotes.citations] == [
        (1, "一、加强演练。下列单位应当制定预案。"),
        (1, "① 演练指综合演练。"),
        (1, "演练情况应当向所在地港口行政"),
        (2, "管理部门报告。"),
    ]
