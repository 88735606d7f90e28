"""What a passage costs in a store: bytes, milliseconds to write and read, writers at a time.

    python benchmarks/stores.py sqlite:////tmp/x.sqlite3 postgresql+psycopg://user:pw@host/empty

Documents are made of one typical text: 30 passages of 300 characters, as many printed lines and
10 clauses. Each URL must be an empty database; what is written stays there.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa

from kb.migrations import migrate
from kb.records import ClauseRecord, LineRecord, NewDocument, NewPassage, PageRecord
from kb.store.engine import connect
from kb.store.writing import SqlStore
from kb.types import Box, DocumentInfo, Filters, ResponsibleBody

PASSAGES, LONG, CLAUSES = 30, 300, 10
SIGNS = "中国海洋渔业港口物流新能源汽车出口跨境电商信贷支持资源保护岸线管理办法意见通知部门牵头负责"


def document(number: int) -> NewDocument:
    """Return a document of its own."""
    rng = random.Random(number)
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    own = sha256[:16]
    texts = ["".join(rng.choices(SIGNS, k=LONG)) for _ in range(PASSAGES)]
    text = "\n".join(texts)
    starts = [at * (LONG + 1) for at in range(PASSAGES)]
    box = Box(1, 72.0, 100.0, 500.0, 114.0)
    body = ResponsibleBody(f"第{number % 50}部", f"第{number % 50}部", "lead", False)
    clauses = [
        ClauseRecord(
            f"{own}-c{at}",
            own,
            at,
            f"第{at + 1}条",
            (),
            starts[at],
            starts[at] + LONG,
            texts[at],
            1,
            (box,),
            (body,),
            "",
        )
        for at in range(CLAUSES)
    ]
    passages = [
        NewPassage(
            f"{own}.p.{start}",
            at,
            start,
            start + LONG,
            texts[at],
            "",
            ("总则",),
            f"{own}-c{at}" if at < CLAUSES else None,
            None,
            (1,),
            (box,),
        )
        for at, start in enumerate(starts)
    ]
    lines = [
        LineRecord(start + cut, start + cut + 30, box)
        for start in starts
        for cut in range(0, LONG, 30)
    ]
    info = DocumentInfo(
        document_id=own,
        path="",
        name=f"{number}.pdf",
        title=f"关于第{number}号事项的意见",
        document_number=None,
        issuers=(f"第{number % 50}部",),
        issued_on=None,
        document_type="意见",
        validity="in-force",
        pages=1,
        passages=PASSAGES,
        characters=len(text),
        characters_indexed=len(text),
        warnings=(),
        added_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
    page = PageRecord(own, 1, 595.0, 842.0, "text", text, 0)
    return NewDocument(info, sha256, ".pdf", "auto", False, text, [page], lines, clauses, passages)


def timed(call: Callable[[], object], times: int = 20) -> float:
    """Return the median of the milliseconds a call takes."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def size_of(engine: sa.Engine) -> int:
    """Return the bytes a database takes on its disk."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        query = "SELECT pg_database_size(current_database())"
        return int(connection.exec_driver_sql(query).scalar_one())


def written(url: str, first: int, count: int) -> None:
    """Add documents as one writer does."""
    store = SqlStore(connect(url))
    for number in range(first, first + count):
        store.add(document(number), f"/{number}.pdf")
    store.close()


def measure(url: str, count: int) -> None:
    """Print the figures of one database."""
    engine = connect(url)
    migrate(engine)
    store = SqlStore(engine)
    print(sa.make_url(url).render_as_string())
    before = size_of(engine)
    shared = store.is_shared
    first = 0
    for writers in (1, 2, 4) if shared else (1,):
        started = time.perf_counter()
        with ThreadPoolExecutor(writers) as pool:
            for own in range(writers):
                pool.submit(written, url, first + own * count, count)
        seconds = time.perf_counter() - started
        first += writers * count
        rate = writers * count / seconds
        print(f"  {writers} writers: {rate:.0f} documents/s, {rate * PASSAGES:.0f} passages/s")
    total = first * PASSAGES
    print(f"  {(size_of(engine) - before) / total:.0f} bytes a passage of {LONG} characters")
    keys = store.keys().tolist()
    some = random.Random(1).sample(keys, 100)
    for name, call in {
        "revision": store.revision,
        "100 passages by key": lambda: store.passages_by_key(some),
        f"{len(keys)} keys": store.keys,
        "a document": lambda: store.document(hashlib.sha256(b"1").hexdigest()[:16]),
        "clauses of a body": lambda: store.clauses(Filters(), "第7部"),
    }.items():
        print(f"  {timed(call):.2f} ms  {name}")
    store.close()


def main() -> None:
    """Measure each database named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--documents", type=int, default=200, help="by each writer")
    given = parser.parse_args()
    for url in given.urls:
        measure(url, given.documents)


if __name__ == "__main__":
    main()
