"""The registry of a knowledge base: a file of one's own, and what it does to clauses stored."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.ministries import shipped_registry
from kb import FileProblem, HomeProblem, InvalidInput, KnowledgeBase, NotFound
from kb.cli import run

NOTICE = """关于工作分工的通知

（2019年3月1日）

一、加强统筹。定期研究解决重大问题。（攻坚领导小组牵头，银保监会配合）
二、完善制度。健全协调机制。（攻坚领导小组、工信部按职责分工负责）
三、做好宣传。营造良好氛围。（奔跑办公室负责）
"""
MINE = "name,names,kind\n某某工作专班,攻坚领导小组,task-force\n"


@pytest.fixture
def assigned(base: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """Return a knowledge base of a notice that names bodies nobody knows."""
    path = tmp_path / "分工.txt"
    path.write_text(NOTICE, "utf-8")
    assert base.ingest([path], workers=1).failed == 0
    return base


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a registry file of one body."""
    path = tmp_path / "mine.csv"
    path.write_text(MINE, "utf-8")
    return path


def numbers(base: KnowledgeBase, ministry: str) -> list[str]:
    return [clause.number for clause in base.clauses(ministry=ministry).clauses]


def test_what_nobody_knows_is_listed_most_frequent_first(assigned: KnowledgeBase) -> None:
    found = assigned.unknown_bodies()
    assert [(one.as_written, one.clauses, one.documents) for one in found] == [
        ("攻坚领导小组", 2, 1),
        ("奔跑办公室", 1, 1),
    ]
    example = next(c for c in assigned.clauses().clauses if c.clause_id == found[0].clause_id)
    assert "攻坚领导小组" in example.text
    assert (found[0].clause, found[0].page) == (example.number, example.page)


def test_clauses_stored_are_resolved_anew(assigned: KnowledgeBase, mine: Path) -> None:
    assert numbers(assigned, "某某工作专班") == []
    before = assigned.revision()
    report = assigned.use_registry(mine)
    assert (report.bodies, report.resolved, report.renamed, report.documents) == (1, 5, 2, 1)
    assert report.unknown == 1
    assert assigned.revision() > before
    assert (
        numbers(assigned, "某某工作专班") == numbers(assigned, "攻坚领导小组") == ["一、", "二、"]
    )
    written = assigned.clauses(ministry="某某工作专班").clauses[0].responsibility[0]
    assert (written.ministry, written.as_written) == ("某某工作专班", "攻坚领导小组")
    back = assigned.remove_registry()
    assert (back.bodies, back.renamed) == (0, 2)
    assert numbers(assigned, "某某工作专班") == []


def test_a_name_is_resolved_as_of_the_document_s_date(assigned: KnowledgeBase) -> None:
    found = assigned.clauses(ministry="金融监管总局")
    assert [body.ministry for body in found.clauses[0].responsibility][1] == (
        "中国银行保险监督管理委员会"
    )
    assert found.ministry is not None
    assert (
        "银保监会",
        "中国银行保险监督管理委员会",
        "国家金融监督管理总局",
    ) in found.ministry.chains
    assert {"金融监管总局", "银保监会"} <= set(found.ministry.matched_via)


def test_what_is_added_later_is_read_with_the_registry(
    base: KnowledgeBase, mine: Path, tmp_path: Path
) -> None:
    base.use_registry(mine)
    path = tmp_path / "后来.txt"
    # A name in a sentence is seen to be a body only where it is known.
    path.write_text("关于督办的通知\n\n第一条 由攻坚领导小组会同商务部制定督办办法。\n", "utf-8")
    base.ingest([path], workers=1)
    assert numbers(base, "某某工作专班") == ["第一条"]


def test_two_knowledge_bases_keep_their_registries_apart(
    assigned: KnowledgeBase, mine: Path, tmp_path: Path
) -> None:
    with KnowledgeBase.open(tmp_path / "other") as other:
        assigned.use_registry(mine)
        assert assigned.body("攻坚领导小组").name == "某某工作专班"
        with pytest.raises(NotFound):
            other.body("攻坚领导小组")


def test_a_change_is_seen_by_who_has_the_knowledge_base_open(
    assigned: KnowledgeBase, mine: Path
) -> None:
    with KnowledgeBase.open(assigned.home) as second:
        assert not second.body("攻坚领导小组").known
        assigned.use_registry(mine)
        assert second.body("攻坚领导小组").known
        assert numbers(second, "攻坚领导小组") == ["一、", "二、"]


def test_the_document_on_the_registry_counts_its_rows() -> None:
    rows = shipped_registry().ministries.values()
    dated = [row for row in rows if row.since or row.until]
    counts = [len(rows), sum(bool(row.checked) for row in rows)]
    counts += [len(dated), sum(bool(row.checked) for row in dated)]
    text = (Path(__file__).parents[2] / "docs" / "registry.md").read_text("utf-8")
    said = re.search(
        r"Of (\d+) rows, (\d+) were.*?of the (\d+) rows with a date, (\d+)", text, re.S
    )
    assert said is not None
    assert [int(number) for number in said.groups()] == counts


def test_a_part_of_the_facade_cannot_leave_its_registry_behind() -> None:
    with pytest.raises(TypeError, match="return a list"):

        class Streaming(KnowledgeBase):
            def steps(self) -> Iterator[int]:
                yield 1


def test_a_wrong_file_changes_nothing(assigned: KnowledgeBase, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("name,since\n某办,2023年\n某局,昨天\n", "utf-8")
    before = assigned.revision()
    with pytest.raises(FileProblem, match=r"line 2, since.*line 3, since") as raised:
        assigned.use_registry(wrong)
    assert raised.value.code == "registry"
    assert assigned.revision() == before
    assert not (assigned.home / "registry.csv").exists()
    with pytest.raises(FileProblem, match="cannot be read"):
        assigned.use_registry(tmp_path / "none.csv")
    with pytest.raises(InvalidInput):
        assigned.remove_registry()


def test_a_damaged_file_in_the_home_says_what_mends_it(assigned: KnowledgeBase) -> None:
    (assigned.home / "registry.csv").write_text("name\n部\n", "utf-8")
    with pytest.raises(HomeProblem, match="policykb registry remove"):
        assigned.clauses(ministry="商务部")
    assert assigned.documents()
    assigned.remove_registry()
    assert numbers(assigned, "工信部") == ["二、"]


def test_a_body_shows_what_it_came_from_and_became(assigned: KnowledgeBase) -> None:
    card = assigned.body("银保监会")
    assert card.name == "国家金融监督管理总局"
    assert card.matched_via == ("银保监会", "中国银行保险监督管理委员会")
    assert card.predecessors[0].name == "中国银行保险监督管理委员会"
    assert card.successors == ()
    assert (card.written, card.clauses["any"], card.clauses["participant"]) == (
        {"银保监会": 1},
        1,
        1,
    )
    gone = assigned.body("铁道部")
    assert [body.name for body in gone.successors][:2] == ["国家铁路局", "中国铁路总公司"]
    assert not assigned.body("奔跑办公室").known
    assert assigned.body("浙江省发改委").body is None


def test_bodies_are_listed_by_kind(assigned: KnowledgeBase, mine: Path) -> None:
    assigned.use_registry(mine)
    assert [(body.name, body.own) for body in assigned.registry(kind="task-force")] == [
        ("某某工作专班", True)
    ]
    assert len(assigned.registry()) == len(shipped_registry().ministries) + 1
    with pytest.raises(InvalidInput, match="ministry"):
        assigned.registry(kind="nothing")


@pytest.mark.slow
def test_every_name_finds_the_clauses_that_the_full_name_finds(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    """A document with a clause for each name of each body: what one name finds, all find."""
    registry = shipped_registry()
    every = [name for row in registry.ministries.values() for name in (row.name, *row.names)]
    lines = [f"第{number}条 （{name}负责）" for number, name in enumerate(dict.fromkeys(every), 1)]
    path = tmp_path / "名称.txt"
    path.write_text("关于名称的通知\n\n2024年5月1日\n\n" + "\n".join(lines), "utf-8")
    base.ingest([path], workers=1)
    owners = Counter(every)
    found = {name: frozenset(numbers(base, name)) for name in owners}
    lost = [name for name, clauses in found.items() if not clauses]
    assert lost == []
    for row in registry.ministries.values():
        for name in row.names:
            if owners[name] == 1:
                assert found[name] == found[row.name], (name, row.name)


def test_the_commands_say_what_they_did(
    assigned: KnowledgeBase,
    mine: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def said(*arguments: str) -> str:
        assert run(["--home", str(assigned.home), *arguments]) == 0
        return capsys.readouterr().out

    template = tmp_path / "template.csv"
    assert "攻坚领导小组" in said("registry", "unknown", "--csv", str(template))
    assert template.read_text("utf-8-sig").splitlines()[1] == "攻坚领导小组,,,,,,,,"
    assert json.loads(said("registry", "unknown", "--json"))["bodies"][0]["clauses"] == 2
    assert "2 of 5 bodies" in said("registry", "use", str(mine))
    assert "task-force (own row)" in said("registry", "show", "攻坚领导小组")
    assert "1 body" in said("registry", "list", "--kind", "task-force")
    chain = "银保监会 → 中国银行保险监督管理委员会 → 国家金融监督管理总局"
    assert chain in said("registry", "show", "银保监会")
    assert f"matched via {chain}" in said("clauses", "--ministry", "金融监管总局")
    assert "the shipped bodies alone" in said("registry", "remove")
    assert run(["--home", str(assigned.home), "registry", "use", str(tmp_path / "none.csv")]) == 1
