"""A knowledge base moved to other back ends and back is the same, whatever cut it short."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clusterlab import PostgresServer
from typer.testing import CliRunner

from kb import HomeProblem, InvalidInput, KnowledgeBase
from kb.cli.app import app
from kb.moving import MoveProgress
from kb.store.copying import StoreCopy


@pytest.fixture
def config(tmp_path: Path, postgres: PostgresServer) -> Path:
    """Return the settings of an empty knowledge base in PostgreSQL."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    path = folder / "policykb.toml"
    path.write_text(f"store = {json.dumps(postgres.new_database())}\n", "utf-8")
    return path


@pytest.fixture
def local(
    filled: KnowledgeBase, files: dict[str, Path], revise: Callable[[], None]
) -> KnowledgeBase:
    """Return a knowledge base with all that there can be in one."""
    revise()
    filled.ingest([files["opinion"]], workers=1, collection="物流")
    broken = files["note"].with_name("坏.pdf")
    broken.write_bytes(b"%PDF-1.7 and no more")
    filled.ingest([broken], workers=1)
    [note] = [info for info in filled.documents() if info.name == "港口简况.md"]
    filled.correct(note.document_id, {"title": "港口运行", "issued_on": None})
    filled.make_key("网站", ["read"], ["物流"])
    filled.record_audit("PUT /v1/x", "甲", 200)
    return filled


def told(base: KnowledgeBase) -> dict[str, Any]:
    """Return what somebody sees of a knowledge base."""
    return {
        "documents": base.documents(replaced=True),
        "clauses": base.clauses(),
        "collections": base.collections(),
        "keys": base.keys(),
        "audit": base.audit(),
        "corrections": [base.corrections(info.document_id) for info in base.documents()],
        "originals": [base.original(info.document_id) for info in base.documents()],
        "hits": [
            (hit.passage_id, round(hit.score, 6)) for hit in base.search("冷链物流的牵头部门").hits
        ],
    }


def test_there_and_back(local: KnowledgeBase, config: Path, tmp_path: Path) -> None:
    seen: list[MoveProgress] = []
    report = local.move(config, seen.append)
    assert report.problems == ()
    assert report.ok
    assert (report.documents, report.copied, report.originals_copied) == (3, 3, 3)
    assert {each.stage for each in seen} == {"originals", "documents", "index", "verify"}
    assert all(each.done <= each.total for each in seen)
    back = tmp_path / "back"
    back.mkdir()
    with KnowledgeBase.open(config.parent) as moved:
        assert told(moved) == told(local)
        assert moved.verify().ok
        moved.record_audit("after", "", 200)
        assert [entry.number for entry in moved.audit()] == [2, 1]
        assert moved.move(back).ok
        with KnowledgeBase.open(back) as returned:
            assert told(returned) == told(moved)


def test_what_was_cut_short_goes_on(
    local: KnowledgeBase, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    whole = StoreCopy.document

    def cut_short(self: StoreCopy, document_id: str) -> None:
        if len(copied) == 2:
            raise KeyboardInterrupt
        whole(self, document_id)
        copied.append(document_id)

    with monkeypatch.context() as patched:
        patched.setattr(StoreCopy, "document", cut_short)
        with pytest.raises(KeyboardInterrupt):
            local.move(config)
    # What is gone from here meanwhile must not stay there.
    local.remove(copied[:1])
    report = local.move(config)
    assert report.ok
    assert (report.documents, report.copied) == (2, 1)
    with KnowledgeBase.open(config.parent) as moved:
        assert told(moved) == told(local)


@pytest.mark.slow
def test_another_run_brings_over_what_changed(
    local: KnowledgeBase, config: Path, files: dict[str, Path]
) -> None:
    assert local.move(config).ok
    [note] = [info for info in local.documents() if info.name == "港口简况.md"]
    local.correct(note.document_id, {"title": "港口"})
    report = local.move(config)
    assert report.ok
    assert (report.copied, report.originals_copied) == (1, 0)
    with KnowledgeBase.open(config.parent) as moved:
        assert moved.search("港口").hits[0].title == "港口"


def test_other_documents_are_not_mixed_with(local: KnowledgeBase, config: Path) -> None:
    with KnowledgeBase.open(config.parent) as moved:
        moved.ingest_bytes("别的.txt", "另一个知识库的文件。".encode())
    with pytest.raises(HomeProblem, match="holds 1 documents that are not here"):
        local.move(config)


def test_the_same_store_is_refused(local: KnowledgeBase, config: Path, tmp_path: Path) -> None:
    with KnowledgeBase.open(config.parent) as moved, pytest.raises(HomeProblem, match="same store"):
        moved.move(config)
    with pytest.raises(InvalidInput, match=r"policykb\.toml"):
        local.move(tmp_path / "none.toml")


def test_damage_is_not_carried_over(local: KnowledgeBase, config: Path) -> None:
    with local._home.store._engine.connect() as connection:
        connection.exec_driver_sql("UPDATE documents SET title = 'x' || title")
        connection.commit()
    with pytest.raises(HomeProblem, match="policykb verify"):
        local.move(config)


def test_the_command_moves_and_says_what(local: KnowledgeBase, config: Path, home: Path) -> None:
    local.close()
    ran = CliRunner().invoke(app, ["migrate", "--home", str(home), "--to", str(config), "--json"])
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["ok"]
    assert report["counts"]["documents"] == 3
    ran = CliRunner().invoke(app, ["migrate", "--home", str(home), "--to", str(config)])
    assert "0 documents and 0 originals brought over, 3 documents there already" in ran.stdout
