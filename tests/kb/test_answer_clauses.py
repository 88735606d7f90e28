"""What a body does, found among the many clauses that name it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb import KnowledgeBase
from kb.answering.clauses import MOST_LISTED, clauses_of_bodies
from kb.answering.question import analyse
from kb.records import ClauseRecord
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS

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


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("clauses")
    (folder / "意见.md").write_text(opinion(), "utf-8")
    with KnowledgeBase.open(folder / "home") as opened:
        assert opened.ingest([folder / "意见.md"]).failed == 0
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
