"""Verify: what is whole is found whole, each kind of damage is named, what can be is mended."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import KnowledgeBase
from kb.store.digests import seal
from kb.store.engine import connect
from kb.types import VerifyReport


def codes(report: VerifyReport) -> set[str]:
    return {problem.code for problem in report.problems}


def execute(base: KnowledgeBase, statement: str, *, sealed: bool = False) -> None:
    """Change the database behind the store's back; `sealed` makes the digests fit."""
    engine = connect(f"sqlite:///{base.home / 'store.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
        for info in base.documents() if sealed else ():
            seal(connection, info.document_id)
    engine.dispose()


def test_an_empty_knowledge_base_is_whole(base: KnowledgeBase) -> None:
    assert base.verify().ok


def test_everything_is_counted(filled: KnowledgeBase) -> None:
    report = filled.verify()
    assert report.ok
    passages = sum(info.passages for info in filled.documents())
    counted = report.checked
    assert counted["documents"] == counted["originals"] == counted["pages"] == 2
    assert counted["passages"] == counted["lexical"] == counted["dense"] == passages
    assert counted["characters"] == counted["characters_indexed"]


def test_an_index_that_is_gone_is_made_anew(filled: KnowledgeBase) -> None:
    shutil.rmtree(filled.home / "index")
    with KnowledgeBase.open(filled.home) as base:
        report = base.verify()
        assert codes(report) == {"index-missing"}
        assert all(problem.repairable for problem in report.problems)
        assert base.verify(repair=True).ok
        assert base.search("冷链物流基地").hits


def test_a_damaged_index_is_made_anew(filled: KnowledgeBase) -> None:
    for vectors in (filled.home / "index").rglob("vectors.faiss"):
        vectors.write_bytes(vectors.read_bytes()[:-10])
    with KnowledgeBase.open(filled.home) as base:
        assert codes(base.verify()) == {"index-damaged"}
        assert base.verify(repair=True).ok


def test_an_index_of_an_older_version_is_made_anew_by_the_next_search(
    filled: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (filled.home / "index").rglob("manifest.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3}))
    with KnowledgeBase.open(filled.home) as base:
        assert codes(base.verify()) == {"index-mismatch"}
        assert base.search("冷链物流基地").hits
        assert "an older version of policykb made the index; rebuilding it" in caplog.text
        assert base.verify().ok


def test_an_index_behind_the_store_is_told_key_by_key(filled: KnowledgeBase) -> None:
    filled._home.store.remove([filled.documents()[0].document_id])
    report = filled.verify()
    assert codes(report) == {"index-stale", "lexical-unknown", "dense-unknown"}
    assert "the word index still holds passage" in report.problems[0].message
    assert filled.verify(repair=True).ok


def test_originals_that_are_gone_or_altered_are_named(filled: KnowledgeBase) -> None:
    one, other = sorted((filled.home / "originals").iterdir())
    one.unlink()
    other.write_text("别的", "utf-8")
    report = filled.verify(repair=True)
    assert codes(report) == {"original-missing", "original-altered"}
    assert not any(problem.repairable for problem in report.problems)
    assert all("ingest --force" in problem.message for problem in report.problems)


@pytest.mark.parametrize("name", ["0" * 64 + ".pdf", ".0123.part"])
def test_what_a_run_cut_short_left_behind_is_counted_and_removed(
    filled: KnowledgeBase, files: dict[str, Path], name: str
) -> None:
    stray = filled.home / "originals" / name
    stray.write_bytes(b"%PDF")
    report = filled.verify()
    assert report.ok
    assert report.checked["originals_left_over"] == 1
    filled.verify(repair=True)
    assert not stray.exists()
    stray.write_bytes(b"%PDF")
    filled.ingest([files["note"]])
    assert not stray.exists()
    assert len(list((filled.home / "originals").iterdir())) == 2


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE passages SET text = '改动' WHERE ordinal = 0", "is not in its text"),
        ("UPDATE passages SET pages = '[9]'", "is on a page it does not have"),
        ("UPDATE clauses SET text = '改动'", "is not in its text"),
        ("UPDATE pages SET text = text || '添'", "does not read as its text"),
        ("UPDATE documents SET passage_count = 99", "99 were stored"),
        ("DELETE FROM pages", "are 0, and 1 were stored"),
    ],
)
def test_text_that_differs_is_named(filled: KnowledgeBase, statement: str, said: str) -> None:
    execute(filled, statement, sealed=True)
    report = filled.verify(repair=True)
    assert not report.ok
    assert codes(report) == {"text-differs"}
    assert all(said in problem.message for problem in report.problems)


def test_reading_a_file_again_mends_its_text(filled: KnowledgeBase, files: dict[str, Path]) -> None:
    execute(filled, "UPDATE passages SET text = '改动'")
    assert not filled.verify().ok
    filled.ingest([files["note"].parent], force=True)
    assert filled.verify().ok


@pytest.mark.slow
def test_what_a_run_under_way_has_not_published_is_no_problem(
    filled: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files["note"].with_name("渔业.txt")
    path.write_text("深远海养殖工船投入运营。", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(filled._keeper, "publish", lambda *_, **__: None)
        filled.ingest([path])
    with KnowledgeBase.open(filled.home) as other:
        with filled._home.lock.held():
            assert other.verify().ok
            execute(other, "UPDATE passages SET text = '改动' WHERE ordinal = 0")
            assert codes(other.verify()) == {"document-altered"}
        assert "index-stale" in codes(other.verify())


def test_a_document_removed_meanwhile_is_no_problem(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first, second] = filled.documents()
    listed = filled._home.store.stored_files()
    filled.remove([first.document_id])
    monkeypatch.setattr(type(filled._home.store), "stored_files", lambda _: listed)
    report = filled.verify()
    assert (report.ok, report.checked["pages"]) == (True, second.pages)


@pytest.mark.slow
def test_two_processes_at_once_find_no_problem_in_one_another(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(80):
        text = f"第{number}号通知\n\n" + "支持企业扩大出口。\n" * 50
        (folder / f"{number}.txt").write_text(text, "utf-8")
    command = [sys.executable, "-m", "kb.cli", "--home", str(filled.home), "ingest", str(folder)]
    running = subprocess.Popen([*command, "--force"], stderr=subprocess.DEVNULL)
    looked = 0
    while running.poll() is None:
        assert filled.verify().problems == ()
        looked += 1
    assert running.returncode == 0
    assert looked > 2
    assert filled.verify().checked["documents"] == 82
