"""Backups between versions: those of every earlier schema are taken in, those of newer ones not."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest

from kb import HomeProblem, KnowledgeBase
from kb.errors import HomeTooNew
from kb.migrations import FIRST, newest
from kb.restoring import restore

DATA = Path(__file__).parent / "data"
QUESTION = "示范基地的补助标准是多少？"


def old_backup(schema: int, folder: Path) -> Path:
    """Write a backup as the version of a schema did: a manifest, the database, the originals."""
    database = folder / "store.sqlite3"
    connection = sqlite3.connect(database)
    connection.executescript((DATA / f"schema{schema}" / "store.sql").read_text("utf-8"))
    connection.close()
    members = {"store.sqlite3": database.read_bytes()}
    for file in (DATA / "schema1" / "files").iterdir():
        data = file.read_bytes()
        members[f"originals/{hashlib.sha256(data).hexdigest()}{file.suffix}"] = data
    return write(folder / f"schema{schema}.policykb", members, schema=schema)


def write(target: Path, members: dict[str, bytes], **manifest: int) -> Path:
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in members.items()
    }
    said = {"format": 1, "created_at": "2026-01-01T00:00:00+00:00", "documents": 2, **manifest}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps({**said, "members": listed}))
    return target


@pytest.mark.parametrize("schema", range(FIRST, newest() + 1))
def test_a_backup_of_any_earlier_version_is_restored_and_answers(
    schema: int, tmp_path: Path, filled: KnowledgeBase
) -> None:
    if schema == newest():
        backup = tmp_path / "now.policykb"
        filled.back_up(backup)
        restore(backup, tmp_path / "new")
        with KnowledgeBase.open(tmp_path / "new") as base:
            assert base.verify().checked["documents"] == 2
        return
    assert restore(old_backup(schema, tmp_path), tmp_path / "new").documents == 2
    with KnowledgeBase.open(tmp_path / "new") as base:
        assert (base.ask(QUESTION).answer or "").startswith("20万元")
        assert {problem.code for problem in base.verify().problems} <= {"facts-missing"}
        for info in base.documents():
            assert base.original(info.document_id)[1]
        # And out again, as this version writes it.
        base.back_up(tmp_path / "again.policykb")
    restore(tmp_path / "again.policykb", tmp_path / "twice")
    with KnowledgeBase.open(tmp_path / "twice") as base:
        assert (base.ask(QUESTION).answer or "").startswith("20万元")


def test_a_backup_of_a_newer_version_is_refused_and_changes_nothing(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    backup = tmp_path / "now.policykb"
    filled.back_up(backup)
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members.pop("manifest.json")
    newer = write(tmp_path / "newer.policykb", members, schema=newest() + 1)
    other = write(tmp_path / "other.policykb", members, format=2, schema=newest())
    for path, kind in ((newer, HomeTooNew), (other, HomeProblem)):
        with pytest.raises(kind, match="newer version"):
            restore(path, tmp_path / "new")
        assert not (tmp_path / "new").exists()
        with pytest.raises(kind, match="newer version"):
            restore(path, filled.home, force=True)
    assert len(filled.documents()) == 2
    assert filled.search("冷链物流").hits


def test_a_home_of_a_newer_version_is_refused_and_left_as_it_is(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    home = tmp_path / "newer"
    filled.close()
    shutil.copytree(filled.home, home)
    database = sqlite3.connect(home / "store.sqlite3")
    database.execute("INSERT INTO schema_version VALUES (?, '2099-01-01')", (newest() + 1,))
    database.commit()
    database.close()
    before = (home / "store.sqlite3").read_bytes()
    for read_only in (True, False):
        with pytest.raises(HomeTooNew, match="pip install --upgrade"):
            KnowledgeBase.open(home, read_only=read_only)
    assert (home / "store.sqlite3").read_bytes() == before
