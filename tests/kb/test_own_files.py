"""A registry and synonyms of one's own: in the home, or in the store where hosts share it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from clusterlab import PostgresServer
from homelab import home_at

from kb import FileProblem, InvalidInput, KnowledgeBase
from kb.cli import run

NOTICE = "关于分工的通知\n\n一、加强统筹。定期研究重大问题。（攻坚领导小组牵头，工信部配合）\n"
TEA = "茶叶出口指南\n\n出口茶叶应当附质量安全证明。\n"
BODIES = "name,names,kind\n某某工作专班,攻坚领导小组,task-force\n"
NAMES = "# 茶\n香茗嫩芽 = 茶叶\n"


class Two(NamedTuple):
    """Two hosts that share a store."""

    one: KnowledgeBase
    other: KnowledgeBase


@pytest.fixture
def two(postgres: PostgresServer, tmp_path: Path) -> Iterator[Two]:
    store = postgres.new_database()
    homes = [home_at(tmp_path / name, store=store) for name in ("one", "other")]
    with KnowledgeBase.open(homes[0]) as one, KnowledgeBase.open(homes[1]) as other:
        one.ingest_bytes("分工.txt", NOTICE.encode())
        one.ingest_bytes("茶.txt", TEA.encode())
        yield Two(one, other)


@pytest.fixture
def bodies(tmp_path: Path) -> Path:
    path = tmp_path / "bodies.csv"
    path.write_text(BODIES, "utf-8")
    return path


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text(NAMES, "utf-8")
    return path


def finds_tea(base: KnowledgeBase) -> bool:
    return any("茶叶" in hit.text for hit in base.search("香茗嫩芽", mode="lexical").hits)


def test_a_registry_of_one_host_is_every_host_s(two: Two, bodies: Path) -> None:
    assert not two.other.body("攻坚领导小组").known
    before = two.other.state()
    report = two.one.use_registry(bodies)
    assert (report.bodies, report.renamed) == (1, 1)
    assert two.other.body("攻坚领导小组").name == "某某工作专班"
    assert two.other.clauses(ministry="某某工作专班").clauses
    assert two.other.state() > before
    assert not list(two.one.home.glob("registry*"))
    # Read by it there, too.
    two.other.ingest_bytes("后.txt", "关于督办的通知\n\n第一条 由攻坚领导小组制定办法。\n".encode())
    assert len(two.one.clauses(ministry="某某工作专班").clauses) == 2
    assert two.other.remove_registry().bodies == 0
    assert not two.one.body("攻坚领导小组").known
    with pytest.raises(InvalidInput):
        two.one.remove_registry()


def test_a_registry_put_back_is_seen_anew(two: Two, bodies: Path, tmp_path: Path) -> None:
    two.one.use_registry(bodies)
    assert two.other.body("攻坚领导小组").name == "某某工作专班"
    two.one.remove_registry()
    changed = tmp_path / "changed.csv"
    changed.write_text(BODIES.replace("某某", "另一"), "utf-8")
    two.one.use_registry(changed)
    assert two.other.body("攻坚领导小组").name == "另一工作专班"


def test_a_wrong_registry_changes_nothing_for_anybody(two: Two, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("name,since\n某办,昨天\n", "utf-8")
    before = two.one.revision()
    with pytest.raises(FileProblem, match="line 2, since"):
        two.one.use_registry(wrong)
    assert two.other.revision() == before
    assert not any(body.own for body in two.other.registry())


def test_synonyms_of_one_host_are_every_host_s(two: Two, names: Path) -> None:
    assert not finds_tea(two.other)
    assert two.one.use_synonyms(names) == 1
    assert finds_tea(two.one)
    assert finds_tea(two.other)
    assert two.other.synonyms() == NAMES
    two.other.remove_synonyms()
    assert not finds_tea(two.one)
    assert two.one.synonyms() == ""
    with pytest.raises(InvalidInput, match="policykb synonyms use"):
        two.one.remove_synonyms()


def test_synonyms_of_a_home_are_a_file_in_it(
    base: KnowledgeBase, names: Path, tmp_path: Path
) -> None:
    base.ingest_bytes("茶.txt", TEA.encode())
    assert base.use_synonyms(names) == 1
    assert (base.home / "synonyms.txt").read_text("utf-8") == NAMES
    assert finds_tea(base)
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("香茗嫩芽 = 茶叶\n茗 = 茶\n", "utf-8")
    with pytest.raises(FileProblem, match=r"wrong\.txt, line 2") as refused:
        base.use_synonyms(wrong)
    assert refused.value.code == "synonyms"
    assert finds_tea(base)
    base.remove_synonyms()
    assert not finds_tea(base)


def test_a_file_left_in_the_home_of_a_shared_store_is_told_of(
    two: Two, names: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (two.one.home / "synonyms.txt").write_text(NAMES, "utf-8")
    with caplog.at_level(logging.WARNING), KnowledgeBase.open(two.one.home) as again:
        assert not finds_tea(again)
    assert "policykb synonyms use" in caplog.text


def test_both_go_along_when_a_knowledge_base_moves(
    base: KnowledgeBase, postgres: PostgresServer, bodies: Path, names: Path, tmp_path: Path
) -> None:
    base.ingest_bytes("分工.txt", NOTICE.encode())
    base.ingest_bytes("茶.txt", TEA.encode())
    base.use_registry(bodies)
    base.use_synonyms(names)
    there = home_at(tmp_path / "there", store=postgres.new_database())
    assert base.move(there).ok
    with KnowledgeBase.open(there) as moved:
        assert moved.body("攻坚领导小组").name == "某某工作专班"
        assert finds_tea(moved)
        assert not list(there.glob("*.csv"))
        back = tmp_path / "back"
        back.mkdir()
        assert moved.move(back).ok
    assert (back / "registry.csv").read_text("utf-8") == BODIES
    assert (back / "synonyms.txt").read_text("utf-8") == NAMES


def test_the_commands_set_and_show_synonyms(
    base: KnowledgeBase, names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        assert run(["--home", str(base.home), "synonyms", *arguments]) == 0
        return capsys.readouterr().out

    assert "1 things of names.txt" in said("use", str(names))
    assert said("show") == NAMES
    assert json.loads(said("show", "--json")) == {"text": NAMES}
    assert "the shipped names alone" in said("remove")
    assert said("show") == ""
