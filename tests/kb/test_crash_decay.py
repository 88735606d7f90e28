"""What has decayed in the database is told by document and part, and can be read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import HomeProblem, KnowledgeBase
from kb.store.engine import connect

pytestmark = pytest.mark.slow

QUESTION = "冷链物流基地新增库容多少？"


def decay(base: KnowledgeBase, statement: str) -> None:
    """Change the database behind the store's back."""
    engine = connect(f"sqlite:///{base.home / 'store.sqlite3'}")
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE documents SET title = title || '的'", "the title, the dates or other facts"),
        # A turned bit seldom leaves text that is any.
        ("UPDATE documents SET title = CAST(x'e5858d99' AS TEXT)", "the title, the dates"),
        ("UPDATE documents SET issued_on = '2019-0~-01'", "the title, the dates"),
        ("UPDATE documents SET issued_on = '2019-08-01'", "the title, the dates"),
        ("UPDATE documents SET warnings = '[', ocr = 'n%ver'", "the title, the dates"),
        ("DELETE FROM titles", "the title, the dates"),
        ("UPDATE texts SET text = replace(text, '3', '8')", "the text or the pages"),
        ("UPDATE pages SET width = width + 1", "the text or the pages"),
        ("UPDATE clauses SET heading_path = '[\"别的\"]'", "the clauses"),
        ("UPDATE responsibilities SET role = 'lead '", "the clauses"),
        ("UPDATE passages SET search_text = search_text || '别的'", "the passages"),
        ("DELETE FROM digests WHERE part = 'passages'", "the passages"),
    ],
)
def test_what_has_decayed_is_told_and_read_again(
    filled: KnowledgeBase, statement: str, told: str
) -> None:
    before = {info.document_id: info for info in filled.documents()}
    decay(filled, statement)
    with KnowledgeBase.open(filled.home) as base:
        report = base.verify()
        altered = [one for one in report.problems if one.code == "document-altered"]
        assert altered
        assert {one.code for one in report.problems} == {"document-altered"}
        assert all(told in one.message for one in altered)
        assert all("`policykb rebuild --reparse`" in one.message for one in altered)
        assert base.reread(workers=1).failed == 0
        assert base.verify().ok
        after = {info.document_id: info for info in base.documents()}
        assert {key: (one.title, one.issued_on, one.path) for key, one in after.items()} == {
            key: (one.title, one.issued_on, one.path) for key, one in before.items()
        }
        assert "300万立方米" in (base.ask(QUESTION).answer or "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET name = '意见.txt' WHERE suffix = '.txt'",
        "UPDATE documents SET path = '/意见.txt' WHERE suffix = '.txt'",
        "UPDATE documents SET added_at = '1' WHERE suffix = '.txt'",
        "UPDATE documents SET superseded_by = '0123456789abcdef' WHERE suffix = '.txt'",
    ],
)
def test_where_a_document_lies_is_told_too_and_added_again(
    filled: KnowledgeBase, files: dict[str, Path], statement: str
) -> None:
    decay(filled, statement)
    problem = filled.verify().problems[0]
    assert problem.code == "document-altered"
    assert "`policykb ingest --force` on the file" in problem.message
    # Not sealed by reading the text again, which does not know where it lay.
    filled.reread(workers=1)
    assert not filled.verify().ok
    filled.ingest([files["opinion"]], force=True, workers=1)
    assert filled.verify().ok
    assert len(filled.documents()) == 2


def test_a_title_that_has_decayed_keeps_no_other_document_from_being_found(
    filled: KnowledgeBase,
) -> None:
    note = next(info for info in filled.documents() if info.name.endswith(".md"))
    decay(filled, "UPDATE documents SET title = CAST(x'e5858d99' AS TEXT) WHERE suffix = '.txt'")
    titles = {info.title for info in filled.documents()}
    assert note.title in titles
    assert any("\ufffd" in title for title in titles)
    assert filled.search(note.title).hits


def test_a_day_that_has_decayed_is_told_and_no_traceback(filled: KnowledgeBase) -> None:
    decay(filled, "UPDATE documents SET issued_on = '2019-0~-01'")
    with pytest.raises(HomeProblem, match="`policykb verify` says what of it") as caught:
        filled.documents()
    assert caught.value.code == "home-damaged"


def test_what_had_decayed_is_not_sealed_by_the_next_change(filled: KnowledgeBase) -> None:
    document_id = filled.documents()[0].document_id
    decay(filled, "UPDATE documents SET document_type = '别的'")
    filled.correct(document_id, {"issued_on": date(2020, 2, 2)})
    assert any(document_id in one.message for one in filled.verify().problems)


def test_every_change_leaves_digests_that_fit(
    filled: KnowledgeBase, files: dict[str, Path], revise: Callable[[], None], tmp_path: Path
) -> None:
    def fits() -> None:
        report = filled.verify()
        assert report.ok, report.problems

    original = files["opinion"].read_bytes()
    document_id = next(i.document_id for i in filled.documents() if i.name.endswith(".txt"))
    filled.correct(document_id, {"title": "另一个题目", "issuers": ("商务部",)})
    fits()
    filled.ingest([files["opinion"]], force=True, workers=1)
    fits()
    assert filled.document(document_id).title == "另一个题目"
    revise()
    filled.ingest([files["opinion"]], workers=1, collection="部门")
    fits()
    files["opinion"].write_bytes(original)
    assert filled.ingest([files["opinion"]], workers=1).documents[0].status == "replaced"
    fits()
    copy = tmp_path / "副本.txt"
    copy.write_bytes(original)
    filled.ingest([copy], workers=1, collection="部门")
    fits()
    filled.restricted(["部门"]).remove([document_id])
    fits()
    assert filled.document(document_id).title == "另一个题目"
