"""What fails on the disk or is cut short loses nothing, is told, and is finished later."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index import SearchIndex
from kb import HomeProblem, KBError, KnowledgeBase, StorageProblem
from kb import restoring as restoring_module
from kb.locking import WriterLock
from kb.recovery import left_over
from kb.restoring import restore

pytestmark = pytest.mark.slow

QUESTION = "冷链物流基地新增库容多少？"


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Take away the permission to write below a folder, by a mount if need be."""
    if os.geteuid() == 0:
        mounted = subprocess.run(["mount", "--bind", folder, folder], check=False)
        if mounted.returncode:
            pytest.skip("root cannot be kept from writing here, nor anything be mounted")
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        return
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kb.cli", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as Unix has them")
def test_a_home_that_cannot_be_written_to_is_read(filled: KnowledgeBase) -> None:
    document_id = filled.documents()[0].document_id
    home = filled.home
    filled.close()
    with unwritable(home):
        with KnowledgeBase.open(home) as base:
            assert base.search("冷链物流").hits
            assert len(base.documents()) == 2
            assert base.clauses().clauses
            assert base.verify().ok
            for write in (lambda: base.remove([document_id]), base.rebuild):
                with pytest.raises(StorageProblem, match="cannot be written to"):
                    write()
        done = run(home, "ask", QUESTION)
        assert "300万立方米" in done.stdout
        done = run(home, "ingest", str(home.parent))
        assert done.returncode == 1
        assert done.stderr.startswith(f"policykb: {home} cannot be written to")
        assert done.stderr.count("\n") == 1
    with KnowledgeBase.open(home) as base:
        assert base.verify().ok


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as Unix has them")
def test_a_home_whose_writer_was_killed_is_read_where_it_cannot_be_written_to(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    # The log of a writer that is gone, not yet in the database.
    copy = tmp_path / "copy"
    database = sqlite3.connect(filled.home / "store.sqlite3")
    database.execute("UPDATE documents SET name = '改名.txt' WHERE name LIKE '%.txt'")
    database.commit()
    shutil.copytree(filled.home, copy)
    database.close()
    assert (copy / "store.sqlite3-wal").stat().st_size
    with unwritable(copy):
        assert "改名" in run(copy, "list", "--json").stdout


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_search_answers_from_the_index_of_before_where_none_can_be_made(
    filled: KnowledgeBase,
    files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    note = next(info for info in filled.documents() if info.name.endswith(".md"))
    filled._home.store.remove([note.document_id])
    with monkeypatch.context() as patch:
        patch.setattr(SearchIndex, "publish", full)
        with KnowledgeBase.open(filled.home) as base:
            assert base.search("冷链物流基地").hits
            assert not [hit for hit in base.search("港口").hits if hit.title == note.title]
            assert caplog.text.count("is not searched") == 1
    with KnowledgeBase.open(filled.home) as base:
        assert base.search("冷链物流基地").hits
        assert base.verify().ok


def test_a_document_removed_while_no_index_can_be_made_is_removed(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first, second] = filled.documents()
    with monkeypatch.context() as patch:
        patch.setattr(SearchIndex, "publish", full)
        assert filled.remove([first.document_id]) == (first.document_id,)
        for mode in ("hybrid", "lexical", "dense"):
            hits = filled.search(first.title, mode=mode).hits
            assert {hit.document_id for hit in hits} <= {second.document_id}


def test_a_flush_that_fails_is_an_error_and_what_was_there_stays(
    filled: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = files["note"].with_name("渔业.txt")
    extra.write_text("深远海养殖工船投入运营。", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageProblem, match="the disk is full"):
            filled.ingest([extra], workers=1)
        with pytest.raises(StorageProblem, match="the disk is full"):
            filled.back_up(extra.with_suffix(".policykb"))
    assert not extra.with_suffix(".policykb").exists()
    with KnowledgeBase.open(filled.home) as base:
        assert base.verify().ok
        assert len(base.documents()) == 2
        assert base.ingest([extra], workers=1).documents[0].status == "added"


def test_a_registry_cut_short_is_applied_by_the_next_to_open(
    filled: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "own.csv"
    head = "name,names,kind,parent,since,until,successors,source,checked"
    table.write_text(
        f"{head}\n国家市场监督管理总署,市场监管总局,agency,,,,,,\n"
        "国家市场监督管理总局,,agency,,,,,,\n",
        "utf-8",
    )

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        monkeypatch.undo()
        # As a kill would: nothing is put back.
        monkeypatch.setattr("kb.own_files.write_durably", lambda *_: None)
        monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
        raise Killed

    monkeypatch.setattr("kb.store.writing.SqlStore.resolve_again", killed)
    with pytest.raises(Killed):
        filled.use_registry(table)
    monkeypatch.undo()
    assert left_over(filled.home)
    with KnowledgeBase.open(filled.home) as base:
        assert len(base.clauses(ministry="国家市场监督管理总署").clauses) == 1
        bodies = {body.ministry for one in base.clauses().clauses for body in one.responsibility}
        assert "国家市场监督管理总署" in bodies
        assert not left_over(base.home)


@pytest.mark.parametrize(
    "name",
    [".restore.part/x", ".restore.done/x", ".work/x", "policykb.toml.new", "models/.m.new/x"],
)
def test_what_a_kill_leaves_is_cleared_away_unless_somebody_is_writing(
    filled: KnowledgeBase, name: str
) -> None:
    left = filled.home / name
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("rest")
    with WriterLock(filled.home / "write.lock").held():
        KnowledgeBase.open(filled.home).close()
        assert left.exists()
        assert filled.verify().checked["files_left_over"] == 1
    KnowledgeBase.open(filled.home).close()
    assert not left_over(filled.home)


@pytest.mark.parametrize("whole", [True, False])
def test_a_model_that_was_taking_anothers_place_is_put_there_or_the_other_back(
    filled: KnowledgeBase, whole: bool
) -> None:
    models = filled.home / "models"
    (models / ".m.old").mkdir(parents=True)
    (models / ".m.old" / "weights").write_text("old")
    if whole:
        (models / ".m.new").mkdir()
        (models / ".m.new" / "weights").write_text("new")
    KnowledgeBase.open(filled.home).close()
    assert (models / "m" / "weights").read_text() == ("new" if whole else "old")
    assert [path.name for path in models.iterdir()] == ["m"]


def test_restores_at_one_instant_of_the_clock_keep_apart_what_was_there(
    filled: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.back_up(tmp_path / "b.policykb")
    filled.close()

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override] # noqa: ARG003
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(restoring_module, "datetime", Stopped)
    kept = {restore(tmp_path / "b.policykb", filled.home, force=True).kept_aside for _ in range(3)}
    assert len(kept) == 3
    assert all(Path(str(place), "store.sqlite3").exists() for place in kept)


@pytest.mark.parametrize("year", [1999, 2099])
def test_a_clock_that_jumps_changes_no_answer(
    filled: KnowledgeBase,
    revise: Callable[[], None],
    files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    year: int,
) -> None:
    class Jumped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override] # noqa: ARG003
            return datetime(year, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("kb.documents.datetime", Jumped)
    monkeypatch.setattr("index.search_index.datetime", Jumped)
    monkeypatch.setattr("time.time", datetime(year, 1, 1, tzinfo=UTC).timestamp)
    revise()
    assert filled.ingest([files["opinion"]], workers=1).documents[0].status == "replaced"
    answer = filled.ask(QUESTION).answer
    assert answer is not None
    assert "450万立方米" in answer
    assert filled.verify().ok


def test_whoever_has_a_home_open_is_told_of_a_restore(
    filled: KnowledgeBase, files: dict[str, Path], tmp_path: Path
) -> None:
    filled.back_up(tmp_path / "b.policykb")
    assert filled.search("冷链").hits
    restore(tmp_path / "b.policykb", filled.home, force=True)
    with pytest.raises(HomeProblem, match="was restored from a backup"):
        filled.search("冷链")
    with pytest.raises(HomeProblem, match="was restored from a backup"):
        filled.ingest([files["note"]])
    with KnowledgeBase.open(filled.home) as base:
        assert base.search("冷链").hits


def test_damage_of_the_database_is_told_and_no_traceback(filled: KnowledgeBase) -> None:
    filled.close()
    path = filled.home / "store.sqlite3"
    data = path.read_bytes()
    told = 0
    for page in range(1, len(data) // 4096):
        path.write_bytes(data[: page * 4096] + b"\xa5" * 4096 + data[(page + 1) * 4096 :])
        try:
            with KnowledgeBase.open(filled.home, read_only=True) as base:
                report = base.verify()
                told += "database-damaged" in {problem.code for problem in report.problems}
        except KBError as error:
            assert error.code in {"home", "home-damaged", "storage"}
            told += 1
    # A page that nothing uses may be damaged unseen.
    assert told > 0.8 * (len(data) // 4096 - 1)


def test_two_backups_to_one_file_do_not_meet(filled: KnowledgeBase, tmp_path: Path) -> None:
    target = tmp_path / "b.policykb"
    left = tmp_path / ".b.policykb.part"
    left.mkdir()
    (left / "b.policykb").write_text("what a kill left")
    with WriterLock(left / "write.lock").held(), pytest.raises(HomeProblem, match="writing"):
        filled.back_up(target)
    filled.back_up(target)
    assert [path.name for path in tmp_path.glob("*b.policykb*")] == ["b.policykb"]
    assert not left.exists()
