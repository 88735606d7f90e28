"""Backups: one moment, every byte checked; a restore takes over whole or not at all."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from kb import HomeProblem, InvalidInput, KnowledgeBase
from kb import restoring as restoring_module
from kb.backups import MANIFEST
from kb.homes import RESTORE
from kb.restoring import restore

QUESTION = "冷链物流基地新增库容多少？"


@pytest.fixture
def backup(filled: KnowledgeBase, tmp_path: Path) -> Path:
    target = tmp_path / "base.policykb"
    filled.back_up(target)
    return target


def answers(home: Path) -> tuple[set[str], str | None]:
    """Return the documents of a home, and what it answers; everything in it must be sound."""
    with KnowledgeBase.open(home) as base:
        base.rebuild()
        report = base.verify()
        assert report.ok, report.problems
        return {info.document_id for info in base.documents()}, base.ask(QUESTION).answer


def test_a_restored_base_answers_as_the_one_backed_up(
    filled: KnowledgeBase, backup: Path, tmp_path: Path
) -> None:
    report = restore(backup, tmp_path / "new")
    assert report.documents == 2
    assert report.kept_aside is None
    assert answers(tmp_path / "new") == answers(filled.home)
    with KnowledgeBase.open(tmp_path / "new") as base:
        for info in base.documents():
            assert base.original(info.document_id) == filled.original(info.document_id)


def test_a_backup_is_never_written_over_unasked(filled: KnowledgeBase, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(InvalidInput, match="--force"):
        filled.back_up(backup)
    assert backup.read_bytes() == before
    filled.back_up(backup, force=True)
    assert zipfile.is_zipfile(backup)
    assert {path.name for path in backup.parent.iterdir() if path.name.startswith(".")} == set()


def test_a_home_is_never_written_over_unasked(
    backup: Path, home: Path, files: dict[str, Path]
) -> None:
    with KnowledgeBase.open(home) as base:
        base.remove([info.document_id for info in base.documents() if info.name.endswith(".md")])
    with pytest.raises(HomeProblem, match="--force"):
        restore(backup, home)
    with KnowledgeBase.open(home) as base:
        assert len(base.documents()) == 1
    report = restore(backup, home, force=True)
    assert len(answers(home)[0]) == 2
    assert report.kept_aside is not None
    shutil.copytree(report.kept_aside, home.parent / "aside")
    assert len(answers(home.parent / "aside")[0]) == 1
    assert len(files) == 2


def test_damage_anywhere_is_refused_and_changes_nothing(
    backup: Path, home: Path, tmp_path: Path
) -> None:
    data = backup.read_bytes()
    before = answers(home)
    damaged = tmp_path / "damaged.policykb"
    for at in range(0, len(data), max(len(data) // 15, 1)):
        damaged.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            restore(damaged, tmp_path / f"new{at}")
        except HomeProblem:
            assert not (tmp_path / f"new{at}" / "store.sqlite3").exists()
            with pytest.raises(HomeProblem):
                restore(damaged, home, force=True)
        else:
            # A bit that nothing depends on, such as a member's time stamp.
            assert answers(tmp_path / f"new{at}") == before
    for length in (0, 10, len(data) // 2, len(data) - 1):
        damaged.write_bytes(data[:length])
        with pytest.raises(HomeProblem, match="damaged"):
            restore(damaged, tmp_path / "short")
    assert answers(home) == before


def test_a_member_that_is_said_to_lie_before_the_file_is_damage(
    backup: Path, tmp_path: Path
) -> None:
    data = bytearray(backup.read_bytes())
    # The central directory's own place, in the last 22 bytes, moves every member's.
    at = len(data) - 6
    data[at] ^= 0x55
    backup.write_bytes(data)
    with pytest.raises(HomeProblem, match="damaged"):
        restore(backup, tmp_path / "new")
    central = data.rfind(b"PK\x01\x02")
    data[at] ^= 0x55
    data[central + 45] ^= 0x80
    backup.write_bytes(data)
    with pytest.raises(HomeProblem, match="damaged"):
        restore(backup, tmp_path / "new")
    assert not (tmp_path / "new" / "store.sqlite3").exists()


@pytest.mark.parametrize("name", ["../evil", "originals/../../evil", "/evil", "models/../evil"])
def test_no_member_leads_out_of_the_home(backup: Path, tmp_path: Path, name: str) -> None:
    forged = tmp_path / "forged.policykb"
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(forged, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == MANIFEST:
                data = data.replace(
                    b'"members": {',
                    f'"members": {{"{name}": {{"sha256": '.encode() + b'"00", "size": 4},',
                    1,
                )
            target.writestr(item.filename, data)
        target.writestr(name, "evil")
    with pytest.raises(HomeProblem, match="no file of a knowledge base"):
        restore(forged, tmp_path / "new")
    assert not (tmp_path / "evil").exists()


def test_a_restore_cut_short_at_any_move_is_finished_by_the_next_to_open(
    backup: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with KnowledgeBase.open(home) as base:
        base.remove([info.document_id for info in base.documents()])
    real, cuts = Path.replace, 0
    for cut in range(1, 40):
        place = tmp_path / f"home{cut}"
        shutil.copytree(home, place)
        calls = iter(range(1, 1000))

        def stopping(self: Path, target: Path, cut: int = cut, calls=calls) -> Path:
            if next(calls) == cut:
                raise KeyboardInterrupt
            return real(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(restoring_module.Path, "replace", stopping)
            try:
                restore(backup, place, force=True)
            except KeyboardInterrupt:
                cuts += 1
            else:
                break
        took_over = (place / RESTORE).exists()
        documents, answer = answers(place)
        assert (len(documents), bool(answer)) == ((2, True) if took_over or cut > 2 else (0, False))
        assert not (place / RESTORE).exists()
    assert cuts >= 4


def test_a_backup_made_while_documents_come_and_go_is_of_one_moment(
    filled: KnowledgeBase, files: dict[str, Path], tmp_path: Path
) -> None:
    stop = threading.Event()

    def churn() -> None:
        count = 0
        while not stop.is_set():
            count += 1
            extra = tmp_path / f"extra{count}.txt"
            extra.write_text(f"港口第{count}次简报\n\n本次吞吐量{count}万吨。\n", "utf-8")
            report = filled.ingest([extra], workers=1)
            filled.remove([str(report.documents[0].document_id)])

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        with KnowledgeBase.open(filled.home) as other:
            for number in range(5):
                other.back_up(tmp_path / f"{number}.policykb")
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        restore(tmp_path / f"{number}.policykb", tmp_path / f"home{number}")
        documents, _ = answers(tmp_path / f"home{number}")
        assert len(documents) in (2, 3)
    assert len(files) == 2
