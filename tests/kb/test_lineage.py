"""What documents say of one another: whom they mean, and what is repealed when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kb import Filters, InvalidInput, KnowledgeBase, NotFound
from kb.lineage import Party, meant
from kb.records import ReferenceRecord
from kb.types import RelationKind

pytestmark = pytest.mark.backends("local", "postgresql")


def party(
    document_id: str,
    title: str,
    year: int | None = None,
    number: str | None = None,
    issuers: tuple[str, ...] = (),
) -> Party:
    issued = None if year is None else date(year, 6, 1)
    return Party(document_id, title, number, issuers, issued, None)


def naming(
    title: str | None = None, number: str | None = None, kind: RelationKind = "cites"
) -> ReferenceRecord:
    return ReferenceRecord(kind, title, number, title or number or "", 0, 1, 1)


SOURCE = party("source", "关于渔业的通知", 2020)


def ids(reference: ReferenceRecord, *candidates: Party, source: Party = SOURCE) -> list[str]:
    return [each.document_id for each in meant(reference, source, candidates)]


def test_a_number_decides_before_a_title() -> None:
    one = party("one", "渔港办法", 2010, "农发〔2010〕3号")
    other = party("other", "渔港办法", 2015, "农发〔2015〕9号")
    assert ids(naming("渔港办法", "农发[2010]3号"), one, other) == ["one"]


def test_a_number_that_is_not_here_is_missing_even_if_the_title_is() -> None:
    one = party("one", "渔港办法", 2010, "农发〔2010〕3号")
    assert ids(naming("渔港办法", "农发〔2008〕7号"), one) == []


def test_a_number_says_nothing_against_a_document_without_one() -> None:
    assert ids(naming("渔港办法", "农发〔2008〕7号"), party("one", "渔港办法", 2008)) == ["one"]


def test_of_versions_the_newest_there_was_is_meant() -> None:
    versions = [party(f"v{year}", f"渔业法（{year}年修正）", year) for year in (2004, 2013, 2023)]
    assert ids(naming("中华人民共和国渔业法"), *versions) == ["v2013"]
    assert ids(naming("渔业法（2004年修正）"), *versions) == ["v2004"]
    assert ids(naming("渔业法（2009年修正）"), *versions) == []
    early = party("early", "关于渔船的通知", 1999)
    assert ids(naming("渔业法"), *versions, source=early) == ["v2004"]


def test_two_files_of_one_document_are_both_meant() -> None:
    files = [party("pdf", "渔业法", 2013), party("docx", "《渔业法》", 2013)]
    assert sorted(ids(naming("渔业法"), *files)) == ["docx", "pdf"]


def test_what_repeals_means_every_version_before_it_and_never_itself() -> None:
    new = party("new", "渔港办法", 2020)
    twin = party("twin", "渔港办法", 2020)
    versions = [party("old", "渔港办法", 2005), party("older", "渔港办法", 1998), new, twin]
    later = party("later", "渔港办法", 2024)
    found = ids(naming("渔港办法", kind="repeals"), *versions, later, source=new)
    assert sorted(found) == ["old", "older"]


def test_the_same_title_of_another_issuer_is_another_document() -> None:
    ours = party("ours", "关于渔船补贴的通知", 2019, issuers=("财政部",))
    assert ids(naming("财政部关于渔船补贴的通知"), ours) == ["ours"]
    assert ids(naming("商务部关于渔船补贴的通知"), ours) == []
    assert ids(naming("关于渔船补贴的通知"), ours) == ["ours"]


def test_a_notice_stands_for_what_it_issues_unless_that_is_here() -> None:
    notice = party("notice", "关于印发《渔港办法》的通知", 2010)
    assert ids(naming("渔港办法"), notice) == ["notice"]
    assert ids(naming("渔港办法"), notice, party("itself", "渔港办法", 2010)) == ["itself"]


OLD = """湖泊捕捞管理规定

湖捕发〔2012〕4号

第一条 为规范湖泊捕捞，制定本规定。
第二条 捕捞单位应当领取许可证。
第三条 本规定自2012年5月1日起施行。
"""
NEW = """湖泊捕捞管理办法

第一条 根据《中华人民共和国渔业法》，制定本办法。
第二条 捕捞单位应当按照核定的网具和时段作业。
第三条 本办法自2021年3月1日起施行。《湖泊捕捞管理规定》（湖捕发〔2012〕4号）同时废止。
"""


@pytest.fixture
def lakes(base: KnowledgeBase, tmp_path: Path) -> dict[str, str]:
    """Return the ids of a document and the one that repeals it."""
    found: dict[str, str] = {}
    for name, text in (("old", OLD), ("new", NEW)):
        path = tmp_path / f"{name}.txt"
        path.write_text(text, "utf-8")
        [report] = base.ingest([path], workers=1).documents
        assert report.document_id is not None
        found[name] = report.document_id
    return found


def test_lineage_is_told_from_both_ends(base: KnowledgeBase, lakes: dict[str, str]) -> None:
    out = base.lineage(lakes["new"])
    [repeal] = [each for each in out if each.kind == "repeals"]
    assert (repeal.direction, repeal.document_id) == ("out", lakes["old"])
    assert (repeal.clause, repeal.page) == ("第三条", 1)
    assert repeal.number == "湖捕发〔2012〕4号"
    [back] = base.lineage(lakes["old"])
    assert (back.direction, back.kind, back.document_id) == ("in", "repeals", lakes["new"])
    assert back.title == "湖泊捕捞管理办法"


def test_the_sentence_that_names_another_is_shown(
    base: KnowledgeBase, lakes: dict[str, str]
) -> None:
    [repeal] = [each for each in base.lineage(lakes["new"]) if each.kind == "repeals"]
    said = base.sentence_at(lakes["new"], repeal.start, repeal.end)
    assert repeal.as_written in said.text
    assert said.text.endswith("。")
    assert "\n" not in said.text
    with pytest.raises(InvalidInput):
        base.sentence_at(lakes["new"], 5, 5)
    with pytest.raises(InvalidInput):
        base.sentence_at(lakes["new"], 0, 10**6)
    with pytest.raises(NotFound):
        base.sentence_at("0" * 16, 0, 1)


def test_what_is_not_here_is_named(base: KnowledgeBase, lakes: dict[str, str]) -> None:
    [basis] = [each for each in base.lineage(lakes["new"]) if each.kind == "basis"]
    assert basis.document_id is None
    assert basis.title is not None
    assert "渔业法" in basis.title
    with pytest.raises(NotFound):
        base.lineage("0" * 16)


def test_a_document_is_repealed_by_another_until_that_is_removed(
    base: KnowledgeBase, lakes: dict[str, str]
) -> None:
    old = base.document(lakes["old"])
    assert (old.validity, old.repealed_by) == ("repealed", lakes["new"])
    assert old.repealed_on == date(2021, 3, 1)
    base.remove([lakes["new"]])
    old = base.document(lakes["old"])
    assert old.validity != "repealed"
    assert old.repealed_by is None
    assert base.lineage(lakes["old"]) == ()


@pytest.mark.parametrize(
    ("day", "titles"),
    [
        (date(2012, 4, 30), []),
        (date(2012, 5, 1), ["湖泊捕捞管理规定"]),
        (date(2021, 2, 28), ["湖泊捕捞管理规定"]),
        (date(2021, 3, 1), ["湖泊捕捞管理办法"]),
    ],
)
def test_as_of_a_day_is_exact_everywhere(
    base: KnowledgeBase, lakes: dict[str, str], day: date, titles: list[str]
) -> None:
    filters = Filters(as_of=day)
    assert [info.title for info in base.documents(filters)] == titles
    assert {each.title for each in base.clauses(filters=filters).clauses} == set(titles)
    hits = base.search("捕捞单位应当", filters=filters).hits
    assert {hit.title for hit in hits} == set(titles)
    assert {one.title for one in base.ask("湖泊捕捞要什么？", filters=filters).citations} <= set(
        titles
    )


def test_nobody_knows_whether_a_document_that_does_not_say_is_in_force(
    base: KnowledgeBase, lakes: dict[str, str]
) -> None:
    new = base.document(lakes["new"])
    found = base.documents(Filters(in_force=True))
    assert [info.document_id for info in found] == (
        [lakes["new"]] if new.validity == "in-force" else []
    )
    assert base.documents(Filters(in_force=True, as_of=date(2022, 1, 1))) == (new,)


def test_a_repeal_in_a_replaced_version_no_longer_counts(
    base: KnowledgeBase, lakes: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text(NEW.replace("同时废止", "继续有效"), "utf-8")
    base.ingest([tmp_path / "new.txt"], workers=1)
    assert base.document(lakes["old"]).repealed_by is None
