"""Answer from the clauses: who is responsible, which clauses name a body, what a body does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ingest.ministries import current_registry, resolve
from kb.answering.evidence import Evidence, Sentence
from kb.answering.features import look_at_question
from kb.answering.question import Question
from kb.answering.text import squash
from kb.answering.words import table
from kb.records import ClauseQuery, ClauseRecord, PassageRecord
from kb.store.protocol import StoreReader
from kb.types import Filters, ResponsibleBody, RoleFilter

# Clauses listed in one answer; a policy of fifty clauses may name a ministry in most of them.
MOST_LISTED = 12
# Clauses of one query looked at: most of those found name the body themselves, not a body before.
_MOST_READ = 8 * MOST_LISTED
# Words of a subject that clauses are looked up by, the heaviest: all choices of them are tried.
_MOST_WORDS = 4
# Clauses that hold this part of what the best one holds of the subject are listed with it.
_ALMOST = 0.8
# How far a clause's best sentence may score below the best of all and still be what is asked about.
_MARGIN = 1.5
_REFERENCE = re.compile(r"第[〇零一二三四五六七八九十百千\d]{1,9}条(?:之[一二三四五六七八九十])?")
# A document is meant by its title where the question has this much of it in one run.
_LEAST_SHARED = 3
# Words that ask for clauses or duties, and say nothing of their subject.
_ASKING_WORDS = (
    "条款 条文 条 款 规定 涉及 有关 提到 负责 牵头 承担 参与 主管 职责 分工 "
    "任务 工作 职能 部门 单位 机构 要求 内容 事项 措施 按 各 配合 中 文件 "
    "意见 政策 办法 通知 方案 共同 主要 "
    "讲 说 写 里 一条 哪一条 一项 方面 全文 原文"
)
_ASKING = frozenset(_ASKING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Responsible:
    """A clause and the bodies it makes responsible, as it writes them."""

    clause: ClauseRecord
    short: str


def bodies_named(question: str) -> tuple[str, ...]:
    """Return the known bodies a question names, as it writes them."""
    registry = current_registry()
    found: list[str] = []
    at = 0
    while at < len(question):
        end = registry.longest_name_at(question, at)
        if end - at > 1:
            found.append(question[at:end])
        at = max(end, at + 1)
    return tuple(dict.fromkeys(found))


def responsible_clause(
    evidence: Evidence, store: StoreReader, filters: Filters
) -> Responsible | None:
    """Return the clause the question is about, if it says who is responsible."""
    if not evidence.sentences:
        return None
    for sentence in _best_of_passages(evidence):
        if sentence.score < evidence.sentences[0].score - _MARGIN:
            return None
        passage = evidence.passages[sentence.passage]
        clause = _clause(store, filters, passage)
        if clause is not None and clause.responsibility:
            return Responsible(clause, _short(clause.responsibility, evidence.question.text))
    return None


def clauses_of_bodies(
    question: Question, store: StoreReader, filters: Filters
) -> list[ClauseRecord]:
    """Return the clauses that make a body named in the question responsible, those of its subject.

    Those that hold most of it first, else in document order. Where a question asks what
    a body leads, those it leads, if there are any. Never reads more than some hundred clauses.
    """
    bodies = bodies_named(question.text)
    if not bodies:
        return []
    subject = _subject(question.text, bodies)
    roles: tuple[RoleFilter, ...] = ("lead", "any") if "牵头" in question.text else ("any",)
    for role in roles:
        queries = [(body, ClauseQuery(filters, body, role)) for body in bodies]
        found = _on_subject(subject, queries, store)
        if found:
            return found
    return []


def clauses_by_number(
    question: Question, store: StoreReader, filters: Filters
) -> list[ClauseRecord]:
    """Return the clauses a question refers to by number and document, if it asks nothing more.

    "个人信息保护法第六条规定了什么？" gives that article of the document whose title shares most
    with the question.
    """
    reference = _REFERENCE.search(question.text)
    if reference is None:
        return []
    number = reference.group()
    rest = question.text.replace(number, " ")
    titles = store.titles_with_clause(number, filters)
    shared = {document: _shared(title, rest) for document, title in titles.items()}
    best = max(shared.values(), key=len, default="")
    if len(best) < _LEAST_SHARED or _subject(rest, (best, *question.quoted)):
        return []
    meant = [document for document, run in shared.items() if run == best][:MOST_LISTED]
    # Only of the documents meant are clauses read: of 2,000 with that number it is one or two.
    within = (store.clauses(replace(filters, document=one), number=number) for one in meant)
    return [clause for found in within for clause in found][:MOST_LISTED]


def _shared(title: str, question: str) -> str:
    """Return the longest run of characters that a title and a question have in common."""
    best = ""
    for at in range(len(title)):
        while len(best) < len(title) - at and title[at : at + len(best) + 1] in question:
            best = title[at : at + len(best) + 1]
    return best


def _names(clause: ClauseRecord, body: str) -> bool:
    """Tell whether a clause names the body itself, not only one that came before it."""
    name = resolve(body).name
    return any(
        not one.implicit and (resolve(one.ministry).name == name or body in one.as_written)
        for one in clause.responsibility
    )


def _subject(question: str, bodies: Sequence[str]) -> tuple[str, ...]:
    rest = question
    for body in bodies:
        rest = rest.replace(body, " ")
    asked = look_at_question(rest, table())
    pairs = zip(asked.words, asked.weights.tolist(), strict=True)
    return tuple(text for text, weight in pairs if weight > 0 and text not in _ASKING)


def _on_subject(
    subject: Sequence[str], queries: Sequence[tuple[str, ClauseQuery]], store: StoreReader
) -> list[ClauseRecord]:
    """Find the clauses that hold most of the subject's words, at least half of them by weight."""
    weight = {text: table().weight(text) for text in subject}
    heaviest = sorted(weight, key=lambda text: -weight[text])[:_MOST_WORDS]
    total = sum(weight[text] for text in heaviest)
    most = 0.5 * total
    found: dict[tuple[str, int], ClauseRecord] = {}
    for words in _by_weight(heaviest, weight):
        if sum(weight[text] for text in words) < most or len(found) >= MOST_LISTED:
            break
        for body, query in queries:
            for one in _named(store, body, replace(query, words=words)):
                most = max(most, _ALMOST * sum(weight[text] for text in words))
                found.setdefault((one.document_id, one.ordinal), one)
    return list(found.values())[:MOST_LISTED]


def _by_weight(words: Sequence[str], weight: Mapping[str, float]) -> list[tuple[str, ...]]:
    """Return all choices of some words, the heaviest first; the empty one where there are none."""
    chosen = [some for count in range(len(words) + 1) for some in combinations(words, count)]
    return sorted(chosen, key=lambda some: -sum(weight[text] for text in some))


def _named(store: StoreReader, body: str, query: ClauseQuery) -> Iterator[ClauseRecord]:
    """Yield the first clauses of a query that name the body themselves."""
    offset = listed = 0
    while listed < MOST_LISTED and offset < _MOST_READ:
        page = store.find_clauses(query, limit=MOST_LISTED, offset=offset)
        for one in page.clauses:
            if _names(one, body):
                listed += 1
                yield one
        offset += MOST_LISTED
        if offset >= page.total:
            return


def _best_of_passages(evidence: Evidence) -> list[Sentence]:
    best: dict[int, Sentence] = {}
    for sentence in evidence.sentences:
        best.setdefault(sentence.passage, sentence)
    return list(best.values())


def _clause(store: StoreReader, filters: Filters, passage: PassageRecord) -> ClauseRecord | None:
    if passage.clause_id is None:
        return None
    within = replace(filters, document=passage.document_id)
    numbered = store.clauses(within, number=passage.clause_number)
    return next((one for one in numbered if one.clause_id == passage.clause_id), None)


def _short(bodies: Sequence[ResponsibleBody], question: str) -> str:
    """Write the bodies as the clause does, in its order; who leads is said where someone does."""
    leads = list(dict.fromkeys(body.as_written for body in bodies if body.role == "lead"))
    names = list(dict.fromkeys(body.as_written for body in bodies))
    if leads and "牵头" in question:
        return "、".join(leads)
    joined = "、".join(squash(name) for name in names)
    if leads and len(names) > len(leads):
        return f"{joined}（{'、'.join(leads)}牵头）"
    return joined
