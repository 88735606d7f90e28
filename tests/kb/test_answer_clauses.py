"""What a body does, found among the many clauses that name it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb import KnowledgeBase
from kb.answering.clauses import MOST_LISTED, clauses_by_number, clauses_of_bodies
from kb.answering.question import analyse
from kb.records import ClauseQuery, ClauseRecord
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Filters

_TASKS = ("粮食仓储", "冷链物流", "港口疏运", "沙棘种植")
MANY = 400


def opinion() -> str:
    """Return a document of many clauses, every fifth of them led by one ministry."""
    lines = ["# 关于农产品流通的若干意见", ""]
    for number in range(1, MANY + 1):
        task = _TASKS[number % len(_TASKS)]
        body = "农业农村部牵头，商务部参与" if number % 5 == 0 else "商务部、农业农村部负责"
        lines += [f"第{number}条 做好{task}第{number}批工作。（{body}）", ""]
    lines += [f"第{MANY + 1}条 建设深海养殖基地和苗种场。（农业农村部负责）", ""]
    return "\n".join(lines)


def regulation(subject: str) -> str:
    """Return a document whose clauses have the numbers of many another's."""
    lines = [f"# {subject}管理条例", ""]
    for number in ("一", "二", "三"):
        lines += [f"第{number}条 {subject}应当符合第{number}类标准，并依法备案。", ""]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("clauses")
    files = folder / "files"
    files.mkdir()
    (files / "意见.md").write_text(opinion(), "utf-8")
    for subject in ("粮食仓储", "药品仓储", "药品流通"):
        (files / f"{subject}.md").write_text(regulation(subject), "utf-8")
    with KnowledgeBase.open(folder / "home") as opened:
        assert opened.ingest([files]).failed == 0
        yield opened


def asked(store: StoreReader, question: str) -> list[ClauseRecord]:
    return clauses_of_bodies(analyse(question), store, NO_FILTERS)


def test_a_body_of_many_clauses_is_answered_with_the_first_it_leads(base: KnowledgeBase) -> None:
    found = asked(base.context.store, "农业农村部牵头哪些工作？")
    assert [one.number for one in found] == [f"第{n}条" for n in range(5, 5 * MOST_LISTED + 1, 5)]


def test_without_leading_whatever_it_takes_part_in_counts(base: KnowledgeBase) -> None:
    found = asked(base.context.store, "农业农村部负责哪些工作？")
    assert [one.number for one in found] == [f"第{n}条" for n in range(1, MOST_LISTED + 1)]


def test_a_subject_is_found_wherever_its_clause_stands(base: KnowledgeBase) -> None:
    [found] = asked(base.context.store, "农业农村部在深海养殖方面负责什么？")
    assert "深海养殖" in found.text


def test_clauses_that_hold_only_a_little_of_the_subject_are_none(base: KnowledgeBase) -> None:
    assert asked(base.context.store, "农业农村部在航天发射场中负责什么？") == []


def test_few_clauses_are_read_of_many(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    store = base.context.store
    read = 0
    find = type(store).find_clauses

    def counted(self: StoreReader, *given: object, **named: object) -> object:
        nonlocal read
        page = find(self, *given, **named)  # type: ignore[arg-type]
        read += len(page.clauses)
        return page

    monkeypatch.setattr(type(store), "find_clauses", counted)
    for question in ("农业农村部牵头哪些工作？", "农业农村部负责哪些冷链物流工作？"):
        assert asked(store, question)
    assert read < MANY / 4


def by_number(base: KnowledgeBase, question: str, filters: Filters = NO_FILTERS) -> list[str]:
    found = clauses_by_number(analyse(question), base.context.store, filters)
    return [f"{one.title}{one.number}" for one in found]


def test_a_clause_is_that_of_the_document_named(base: KnowledgeBase) -> None:
    assert by_number(base, "药品仓储管理条例第二条规定了什么？") == ["药品仓储管理条例第二条"]


def test_a_name_that_two_documents_share_means_both(base: KnowledgeBase) -> None:
    found = by_number(base, "仓储管理条例第三条规定了什么？")
    assert sorted(found) == ["粮食仓储管理条例第三条", "药品仓储管理条例第三条"]


def test_a_clause_that_the_document_named_lacks_is_none(base: KnowledgeBase) -> None:
    assert by_number(base, "药品流通管理条例第九十九条规定了什么？") == []


def test_a_clause_is_looked_for_within_the_filters(base: KnowledgeBase) -> None:
    titles = base.context.store.titles_with_clause("第二条")
    other = next(one for one, title in titles.items() if title == "粮食仓储管理条例")
    within = Filters(document=other)
    assert by_number(base, "药品仓储管理条例第二条规定了什么？", within) == []


def test_clauses_of_other_documents_are_not_read(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of: list[str | None] = []
    store = base.context.store
    find = type(store).find_clauses

    def noted(self: StoreReader, query: ClauseQuery, **named: object) -> object:
        asked_of.append(query.filters.document)
        return find(self, query, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store), "find_clauses", noted)
    assert by_number(base, "粮食仓储管理条例第一条规定了什么？")
    assert len(asked_of) == 1
    assert asked_of[0] is not None


def test_titles_are_those_of_documents_with_that_clause(base: KnowledgeBase) -> None:
    store = base.context.store
    assert len(store.titles_with_clause("第一条")) == 4
    assert set(store.titles_with_clause("第400条").values()) == {"关于农产品流通的若干意见"}
