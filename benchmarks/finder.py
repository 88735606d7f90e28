"""Time the finder over a large synthetic store, beside a plain count of the same rows.

    python benchmarks/finder.py [--clauses 100000] [--rounds 60] [--store FILE]

Each document has 50 clauses. Bodies are the registry's, drawn by Zipf's law, so that some are named
in thousands of clauses and most in a few, as in real documents; each query is asked with a body,
date or word of its own. `plain` is SQLite's own count of the rows that name the body in the role,
which no finder can be faster than; the rest go through `kb.finder` as `policykb clauses` does:
the first 50 clauses whole, their number, and the counts by body and role.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from ingest.ministries import current_registry
from kb import finder
from kb.migrations import migrate
from kb.naming import names_of_body
from kb.records import ClauseQuery, ClauseRecord, NewDocument
from kb.store.engine import connect
from kb.store.writing import SqlStore
from kb.types import Box, Deadline, DocumentInfo, Filters, ResponsibleBody

PER_DOCUMENT = 50
FIRST = 50
ROLES = ("lead", "participant", "joint")
OBLIGATIONS = ("must", "must-not", "encourage", "explore")
_WORDS = (
    "数据 出境 评估 企业 市场 监管 标准 平台 安全 绿色 低碳 装备 物流 港口 冷链 金融 信贷 补助 "
    "税收 减免 试点 示范 基地 园区 创新 研发 人才 培训 教育 医疗 养老 社区 乡村 耕地 水利 "
    "生态 保护 监测 预警 应急 消防 统计 公开 备案 审批 许可 检查 处罚 信用 档案 制度"
)
WORDS = _WORDS.split()


def bodies(generator: random.Random) -> Callable[[], ResponsibleBody]:
    """Return what draws a body, the first of the registry most often."""
    names = sorted(current_registry().ministries)
    weights = [1 / (rank + 1) for rank in range(len(names))]

    def drawn() -> ResponsibleBody:
        [name] = generator.choices(names, weights)
        return ResponsibleBody(name, name, generator.choice(ROLES), False)  # type: ignore[arg-type]

    return drawn


def document(number: int, generator: random.Random) -> NewDocument:
    """Return one document of synthetic clauses."""
    document_id = f"{number:016x}"
    draw = bodies(generator)
    day = date(2000, 1, 1) + timedelta(days=generator.randrange(9000))
    clauses: list[ClauseRecord] = []
    start = 0
    for ordinal in range(PER_DOCUMENT):
        text = f"第{ordinal + 1}条 " + "".join(
            generator.choices(WORDS, k=generator.randrange(30, 150))
        )
        due = (Deadline(day + timedelta(days=generator.randrange(4000)), "到某年底"),)
        clauses.append(
            ClauseRecord(
                clause_id=f"{number:012x}-art{ordinal + 1}",
                document_id=document_id,
                ordinal=ordinal,
                number=f"第{ordinal + 1}条",
                heading_path=("第一章 总则",),
                start=start,
                end=start + len(text),
                text=text,
                page=1 + ordinal // 8,
                boxes=tuple(
                    Box(1, 72.0, 80.0 + 20 * row, 523.0, 94.0 + 20 * row) for row in range(4)
                ),
                responsibility=tuple(
                    dict.fromkeys(draw() for _ in range(generator.randrange(1, 5)))
                ),
                title="",
                obligations=tuple(generator.sample(OBLIGATIONS, generator.randrange(3))),  # type: ignore[arg-type]
                deadlines=due if generator.random() < 0.2 else (),
            )
        )
        start += len(text) + 1
    info = DocumentInfo(
        document_id=document_id,
        path="",
        name=f"{number}.pdf",
        title=f"关于第{number}号工作的意见",
        document_number=f"合成发〔{day.year}〕{number}号",
        issuers=("国务院",),
        issued_on=day,
        document_type="意见",
        validity="in-force",
        pages=7,
        passages=0,
        characters=start,
        characters_indexed=0,
        warnings=(),
        added_at=f"2026-01-01T00:00:00.{number:06d}+00:00",
    )
    text = "\n".join(clause.text for clause in clauses)
    return NewDocument(info, document_id * 4, ".pdf", "never", False, text, (), (), clauses, ())


def filled(path: Path, count: int) -> SqlStore:
    """Return a store of `count` clauses, made where it is not there yet."""
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    store = SqlStore(engine)
    generator = random.Random(7)
    for number in range(len(store.documents()), count // PER_DOCUMENT):
        store.add(document(number, generator), f"{number}.pdf")
    return store


def queries(
    connection: sqlite3.Connection, generator: random.Random
) -> Iterator[tuple[str, ClauseQuery]]:
    """Yield one query of each kind, for a body as often as clauses name it."""
    [last] = connection.execute("SELECT max(rowid) FROM responsibilities").fetchone()
    drawn = "SELECT ministry, role FROM responsibilities WHERE rowid = ?"
    name, role = connection.execute(drawn, (generator.randint(1, last),)).fetchone()
    day = date(2000, 1, 1) + timedelta(days=generator.randrange(9000))
    words = finder.words_of(" ".join(generator.sample(WORDS, 2)))
    [obligation] = generator.sample(OBLIGATIONS, 1)
    yield "ministry + role", ClauseQuery(ministry=name, role=role)
    yield "ministry", ClauseQuery(ministry=name)
    yield "ministry + role + words", ClauseQuery(ministry=name, role=role, words=words)
    yield "ministry + obligation", ClauseQuery(ministry=name, obligation=obligation)  # type: ignore[arg-type]
    yield "ministry + as of", ClauseQuery(Filters(as_of=day), name)
    yield "ministry + due", ClauseQuery(ministry=name, due_by=day)
    yield "document", ClauseQuery(Filters(document=f"{generator.randrange(1000):016x}"))
    yield "number", ClauseQuery(number=f"第{generator.randrange(1, 50)}条")
    yield "words alone", ClauseQuery(words=words)
    yield "everything", ClauseQuery()


def plain_count(connection: sqlite3.Connection, query: ClauseQuery) -> None:
    """Let SQLite count the rows of a body in a role."""
    names = names_of_body(query.ministry or "")
    count = (
        "SELECT count(*) FROM (SELECT DISTINCT document_id, clause_ordinal FROM responsibilities "
        "WHERE role = ? AND ministry IN (?"
    )
    connection.execute(count + ", ?" * (len(names) - 1) + "))", (query.role, *names)).fetchone()


@dataclass(frozen=True, slots=True)
class Row:
    """What one query took, in milliseconds of the clock and of the processor, and found."""

    wall: float
    cpu: float
    found: int


def timed(work: Callable[[], object], found: int) -> Row:
    """Do some work and return what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Row((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3, found)


def measure(store: SqlStore, path: Path, rounds: int) -> dict[str, list[Row]]:
    """Return what each kind of query took, `rounds` times after one that is not counted."""
    generator = random.Random(11)
    connection = sqlite3.connect(path)
    taken: dict[str, list[Row]] = defaultdict(list)
    for turn in range(rounds + 1):
        for kind, query in queries(connection, generator):
            found = store.find_clauses(query, limit=0).total
            works: dict[str, Callable[[], object]] = {
                kind: partial(store.find_clauses, query, limit=FIRST),
                f"{kind}, with counts": partial(finder.find, store, query, limit=FIRST),
            }
            if kind == "ministry + role":
                works["plain count of the same"] = partial(plain_count, connection, query)
            for name, work in works.items():
                row = timed(work, found)
                if turn:
                    taken[name].append(row)
    connection.close()
    return taken


def main() -> None:
    """Build the store, time the queries, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clauses", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--store", type=Path, help="keep the store here for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = options.store or Path(folder) / "store.sqlite3"
        store = filled(path, options.clauses)
        print(f"{options.clauses:,} clauses, first {FIRST}; {path.stat().st_size / 1e6:,.0f} MB")
        print(f"{'query':40} {'ms p50':>8} {'ms p99':>8} {'cpu p50':>8} {'found, median':>14}")
        for kind, rows in measure(store, path, options.rounds).items():
            half, most = np.percentile([row.wall for row in rows], [50, 99])
            cpu, found = np.median([(row.cpu, row.found) for row in rows], axis=0)
            print(f"{kind:40} {half:8.1f} {most:8.1f} {cpu:8.1f} {found:14,.0f}")
        store.close()


if __name__ == "__main__":
    main()
