"""The finder: every filter with every other, totals, counts, pages of clauses, and single ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import Filters, InvalidInput, KnowledgeBase, MinistryCount, NotFound, timeline
from kb.finder import words_of

pytestmark = pytest.mark.backends("local", "postgresql")

PLAN = """关于建设牧区气象站的实施方案

一、加强组织
（一）建立统计台账。各旗县应当于2026年底前完成台账，数据质量合格率达到95%以上。（中国气象局牵头，统计局、财政部参加）
（二）推广节水技术。鼓励采用滴灌，到2028年覆盖六成牧场。（水利部、农业农村部按职责分工负责）
（三）完善数据 PM2.5 观测。不得擅自停用站点。（生态环境部负责）
二、探索新机制
（四）探索气象指数保险，研究给予保费补贴。（财政部牵头，银保监会参加）
"""


@pytest.fixture(scope="module")
def plan(shared: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """Return a knowledge base of one plan, for tests that only look at it."""
    return with_plan(shared, tmp_path_factory.mktemp("plan"))


@pytest.fixture
def own_plan(base: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """Return a knowledge base of one plan that may be changed."""
    return with_plan(base, tmp_path)


def with_plan(base: KnowledgeBase, folder: Path) -> KnowledgeBase:
    path = folder / "方案.txt"
    path.write_text(PLAN, "utf-8")
    [report] = base.ingest([path], workers=1).documents
    assert report.status == "added"
    return base


def numbers(found: object) -> list[str]:
    return [clause.number for clause in found.clauses]  # type: ignore[attr-defined]


def test_everything_asked_must_hold(plan: KnowledgeBase) -> None:
    assert numbers(plan.clauses(ministry="财政部")) == ["（一）", "（四）"]
    assert numbers(plan.clauses(ministry="财政部", role="lead")) == ["（四）"]
    assert numbers(plan.clauses(ministry="财政部", text="台账")) == ["（一）"]
    assert numbers(plan.clauses(ministry="财政部", obligation="explore")) == ["（四）"]
    assert numbers(plan.clauses(ministry="财政部", due_before=date(2026, 12, 31))) == ["（一）"]
    assert numbers(plan.clauses(ministry="财政部", due_before=date(2026, 12, 30))) == []
    assert numbers(plan.clauses(ministry="财政部", filters=Filters(ministry="统计局"))) == [
        "（一）"
    ]
    assert numbers(plan.clauses(role="joint")) == ["（二）"]
    assert numbers(plan.clauses(number="3", text="停用")) == ["（三）"]
    assert numbers(plan.clauses(number="3", text="滴灌")) == []


def test_filters_together_leave_what_each_leaves(plan: KnowledgeBase) -> None:
    asked: list[tuple[str, object]] = [
        ("ministry", "财政部"),
        ("number", "（四）"),
        ("text", "补贴"),
        ("obligation", "must"),
        ("due_before", date(2027, 1, 1)),
    ]
    alone = {key: set(numbers(plan.clauses(**{key: value}))) for key, value in asked}  # type: ignore[arg-type]
    everything = set(numbers(plan.clauses()))
    for chosen in product((False, True), repeat=len(asked)):
        given_ = {key: value for (key, value), on in zip(asked, chosen, strict=True) if on}
        expected = everything.intersection(*(alone[key] for key in given_))
        found = plan.clauses(**given_)  # type: ignore[arg-type]
        assert set(numbers(found)) == expected
        assert found.total == len(expected)


def test_words_may_stand_apart_and_quotes_may_not(plan: KnowledgeBase) -> None:
    assert numbers(plan.clauses(text="停用站点观测")) == ["（三）"]
    assert numbers(plan.clauses(text='"停用站点观测"')) == []
    assert numbers(plan.clauses(text="“擅自停用”")) == ["（三）"]
    assert numbers(plan.clauses(text="ＰＭ２．５")) == ["（三）"]
    assert numbers(plan.clauses(text="pm2.5 观测")) == ["（三）"]


@pytest.mark.parametrize("wild", ["%", "_", "95%", "'", "9_%"])
def test_signs_that_databases_give_a_meaning_have_none(plan: KnowledgeBase, wild: str) -> None:
    found = numbers(plan.clauses(text=f'"{wild}"'))
    assert found == (["（一）"] if wild in PLAN else [])


@pytest.mark.parametrize("nothing", ["", "  ", "，。", '""'])
def test_text_without_a_word_is_refused(plan: KnowledgeBase, nothing: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        plan.clauses(text=nothing)


@given(st.text(max_size=60))
def test_every_word_looked_for_was_asked_for(query: str) -> None:
    try:
        words = words_of(query)
    except InvalidInput:
        assert not any(char.isalnum() for char in query) or '"' in query or "“" in query
        return
    assert words
    assert all(word.strip() for word in words)


def test_words_that_only_join_are_left_out_where_there_are_others() -> None:
    assert words_of("数据的出境") == ("数据", "出境")
    assert words_of("的") == ("的",)
    assert words_of('评估 "数据 出境"') == ("数据 出境", "评估")


def test_a_page_of_clauses_knows_the_whole(plan: KnowledgeBase) -> None:
    whole = plan.clauses()
    assert whole.total == len(whole.clauses) > 3
    pieces = [plan.clauses(limit=2, offset=at) for at in range(0, whole.total, 2)]
    assert tuple(clause for piece in pieces for clause in piece.clauses) == whole.clauses
    assert {piece.total for piece in pieces} == {whole.total}
    assert all(piece.counts == whole.counts for piece in pieces)
    past = plan.clauses(limit=2, offset=99)
    assert (past.clauses, past.total) == ((), whole.total)
    assert plan.clauses(limit=0).total == whole.total
    assert plan.clauses(offset=1).clauses == whole.clauses[1:]
    assert plan.clauses(offset=1).total == whole.total


@pytest.mark.parametrize(("limit", "offset", "field"), [(-1, 0, "limit"), (None, -1, "offset")])
def test_pages_that_make_no_sense_are_refused(
    plan: KnowledgeBase, limit: int | None, offset: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan.clauses(limit=limit, offset=offset)
    assert caught.value.field == field


def test_counts_are_by_present_name_and_role(plan: KnowledgeBase) -> None:
    counts = {count.name: count for count in plan.clauses().counts}
    assert counts["财政部"] == MinistryCount("财政部", 1, 1, 0, 2)
    assert counts["水利部"] == MinistryCount("水利部", 0, 0, 1, 1)
    present = counts["国家金融监督管理总局"]
    assert (present.participant, present.total) == (1, 1)
    assert plan.clauses().counts[0].name == "财政部"
    within = plan.clauses(text="滴灌").counts
    assert {count.name for count in within} == {"水利部", "农业农村部"}


def test_a_timeline_is_of_deadlines_the_earliest_first(plan: KnowledgeBase) -> None:
    entries = timeline(plan.clauses().clauses)
    assert [(entry.due, entry.number) for entry in entries] == [
        (date(2026, 12, 31), "（一）"),
        (date(2028, 12, 31), "（二）"),
    ]
    assert "2028年" in entries[1].as_written
    assert len(timeline(plan.clauses().clauses, date(2027, 1, 1))) == 1


def test_a_clause_is_found_by_its_id_after_the_file_is_read_again(
    own_plan: KnowledgeBase, tmp_path: Path
) -> None:
    before = own_plan.clauses(number="2").clauses[0]
    [report] = own_plan.ingest([tmp_path / "方案.txt"], workers=1, force=True).documents
    assert report.status == "replaced"
    assert own_plan.clause(before.clause_id) == before


def test_the_newest_current_version_has_the_clause(own_plan: KnowledgeBase, tmp_path: Path) -> None:
    old = own_plan.clauses(number="2").clauses[0]
    copy = tmp_path / "另存.txt"
    copy.write_text(PLAN + "\n", "utf-8")
    changed = tmp_path / "方案.txt"
    changed.write_text(PLAN.replace("滴灌", "喷灌"), "utf-8")
    reports = own_plan.ingest([copy, changed], workers=1).documents
    first, newest = (report.document_id for report in reports)
    found = own_plan.clause(old.clause_id)
    assert found.document_id == newest
    assert "喷灌" in found.text
    assert found.also_in == (first, old.document_id)
    assert own_plan.clause(old.clause_id, old.document_id) == replace(old, also_in=(newest, first))
    assert newest is not None
    own_plan.remove([newest])
    assert own_plan.clause(old.clause_id).document_id == first


def test_an_unknown_clause_is_not_found(plan: KnowledgeBase) -> None:
    clause = plan.clauses().clauses[0]
    with pytest.raises(NotFound, match="no clause 'nothing'"):
        plan.clause("nothing")
    with pytest.raises(NotFound, match="in document 0000"):
        plan.clause(clause.clause_id, "0000")
