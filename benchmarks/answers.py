"""Measure answers: right spans, soundness of thousands of citations, and time at many passages.

    python benchmarks/answers.py spans FILE [--with PATH...]
    python benchmarks/answers.py sweep N PATH... --data DIR
    python benchmarks/answers.py speed N --data DIR [--home DIR]

`spans` takes a file of `title`, `passage`, `fact` and `answer`, each answer a span of its passage.
It reads each question with its passage given, then asks a knowledge base of all of them and of
whatever PATHs hold. `sweep` asks N questions of the documents at the PATHs, written ones of the
packed data and variants of them, each following the last one or none, and checks every citation
against its page. `speed` asks a knowledge base of N articles of law, made in DIR unless it is
there, and prints milliseconds an answer, and the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from kb import Answer, Citation, Conversation, KnowledgeBase
from kb.answering.compose import short_answer
from kb.answering.evidence import weigh
from kb.answering.question import analyse
from kb.answering.text import squash
from kb.evaluation.questions import plain
from kb.records import PassageRecord

SEED = 1
# A span that holds the answer is right up to this many times its length.
LONGEST = 3
ARTICLES_OF_ONE_FILE = 200
ASKED_FOR_SPEED = 400
_MARKER = re.compile(r"\[(\d+)\]")
_YEAR = re.compile(r"20\d\d")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_FOLLOW_UPS = (
    "那由谁负责？",
    "2024年呢？",
    "第二条呢？",
    "为什么？",
    "具体有哪些措施？",
    "还有呢？",
)
_ODD = ("？", "[1]", "(((", "\\d+", "  ", "\u202e", "\x00", "第条", "《》", "a" * 3000, "哪" * 500)


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    spans = kinds.add_parser("spans")
    spans.add_argument("file", type=Path)
    spans.add_argument("--with", dest="others", type=Path, nargs="*", default=[])
    swept = kinds.add_parser("sweep")
    swept.add_argument("count", type=int)
    swept.add_argument("paths", type=Path, nargs="+")
    speed = kinds.add_parser("speed")
    speed.add_argument("count", type=int)
    speed.add_argument("--home", type=Path)
    for one in (swept, speed):
        one.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    given = parser.parse_args()
    random.seed(SEED)
    match given.kind:
        case "spans":
            measure_spans(given.file, given.others)
        case "sweep":
            sweep(given.count, given.paths, given.data)
        case _:
            measure_speed(given.count, given.data, given.home)


def packed(data: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one packed file."""
    with lzma.open(data / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def measure_spans(file: Path, others: Sequence[Path]) -> None:
    """Print the parts of right sentences and spans, given the passage and over all of them."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as place, KnowledgeBase.open(Path(place) / "home") as base:
        folder = Path(place) / "documents"
        folder.mkdir()
        for at, row in enumerate(rows):
            text = f"{row['title']}\n\n{row['passage']}\n"
            (folder / f"{at}.txt").write_text(text, "utf-8")
        base.ingest([folder, *others], ocr="never")
        given = [_given(row, base) for row in rows]
        asked = [_asked(row, base.ask(row["fact"])) for row in rows]
        print(f"{len(rows)} questions, {len(base.documents())} documents")
    for name, found in (("given the passage", given), ("over all documents", asked)):
        held, short = (sum(column) / len(rows) for column in zip(*found, strict=True))
        print(f"{name}: quoted {held:.3f}, short answer within {LONGEST}x {short:.3f}")


def _given(row: dict[str, str], base: KnowledgeBase) -> tuple[bool, bool]:
    text = row["passage"]
    passage = PassageRecord(
        1, "p", "d", 0, 0, len(text), text, (), None, None, (1,), (), row["title"]
    )
    evidence = weigh(analyse(row["fact"]), [(1.0, passage)], base.context.encoder)
    best = evidence.sentences[0]
    short = short_answer(evidence.question, best, text) or best.text
    return plain(row["answer"]) in plain(best.text), _right(short, row["answer"])


def _asked(row: dict[str, str], answer: Answer) -> tuple[bool, bool]:
    text = _MARKER.sub("", answer.answer or "")
    quoted = plain(row["answer"]) in plain(text)
    return quoted, _right(text.partition("\n\n")[0], row["answer"])


def _right(short: str, expected: str) -> bool:
    return plain(expected) in plain(short) and len(plain(short)) <= LONGEST * len(plain(expected))


def sweep(count: int, paths: Sequence[Path], data: Path) -> None:
    """Ask `count` questions and check every citation; exit status 1 where one is unsound."""
    questions = variants(list(packed(data, "questions")))
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place, KnowledgeBase.open(Path(place)) as base:
        base.ingest(paths, ocr="never")
        talk = Conversation(base)
        pages: dict[tuple[str, int], str] = {}
        started = time.perf_counter()
        for number in range(count):
            if number % 5 == 0:
                talk.forget()
            question = next(questions)
            answer = talk.ask(question)
            wrong = unsound(answer, base, pages)
            seen["answered" if answer.answered else "refused"] += 1
            seen["follow-ups"] += answer.asked is not None
            seen["citations"] += len(answer.citations)
            seen["unsound"] += bool(wrong)
            if wrong:
                print(f"{question!r}: {wrong}", flush=True)
            if number % 1000 == 999:
                print(f"{number + 1} asked: {dict(seen)}", flush=True)
        taken = 1000 * (time.perf_counter() - started) / count
        print(f"{len(base.documents())} documents, {count} questions: {dict(seen)}, {taken:.1f} ms")
    raise SystemExit(bool(seen["unsound"]))


def variants(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield questions without end: as written, with another year or wide digits, cut, odd."""
    while True:
        row = random.choice(rows)
        register = random.choice([one for one in ("lay", "pro", "short", "fact") if row.get(one)])
        text = row[register]
        match random.randrange(10):
            case 0:
                yield _YEAR.sub(str(random.randint(2010, 2030)), text)
            case 1:
                yield text.translate(_WIDE)
            case 2:
                yield text[: random.randint(1, len(text))]
            case 3:
                yield random.choice(_FOLLOW_UPS)
            case 4:
                yield f"{text}{random.choice(_ODD)}问"
            case 5:
                yield f"{row['title']}第{random.randint(1, 60)}条规定了什么？"
            case _:
                yield text


def unsound(answer: Answer, base: KnowledgeBase, pages: dict[tuple[str, int], str]) -> str | None:
    """Return what is wrong with an answer's markers and citations; None where nothing is."""
    if not answer.answered:
        return None if answer.reason and not answer.citations else "a refusal without a reason"
    numbers = [one.marker for one in answer.citations]
    if numbers != list(range(1, len(numbers) + 1)):
        return f"markers are {numbers}"
    marked = {int(number) for number in _MARKER.findall(answer.answer or "")}
    if marked != set(numbers) or not numbers:
        return f"the answer has markers {sorted(marked)}, citations {numbers}"
    told = (_misplaced(one, base, pages) for one in answer.citations)
    return next((what for what in told if what is not None), None)


def _misplaced(one: Citation, base: KnowledgeBase, pages: dict[tuple[str, int], str]) -> str | None:
    key = (one.document_id, one.page)
    if key not in pages:
        pages[key] = squash(base.page_text(*key).text)
    whole = base.context.store.document_text(one.document_id)[one.start : one.end]
    if squash(one.quote) not in pages[key] or squash(whole) != squash(one.quote):
        return f"quote {one.marker} is not on page {one.page} of {one.document_id}"
    if not one.passage_id.startswith(one.document_id):
        return f"quote {one.marker} is of {one.document_id}, its passage is not"
    if any(box.page != one.page for box in one.boxes):
        return f"quote {one.marker} has boxes on another page"
    return None


def measure_speed(count: int, data: Path, home: Path | None) -> None:
    """Print milliseconds an answer over `count` articles, and the machine's load."""
    with tempfile.TemporaryDirectory() as place:
        where = home or Path(place) / "home"
        with KnowledgeBase.open(where) as base:
            if not base.documents():
                _ingest_articles(base, count, data, Path(place))
            print(f"{sum(one.passages for one in base.documents())} passages", flush=True)
            rows = list(packed(data, "questions"))
            random.shuffle(rows)
            asked = [row[key] for row in rows for key in ("pro", "fact") if row.get(key)]
            for question in asked[:20]:
                base.ask(question)
            before = os.getloadavg()[0]
            times = [_time(base, question) for question in asked[20 : 20 + ASKED_FOR_SPEED]]
    for at, name in enumerate(("by the clock", "of processor time")):
        ranked = sorted(one[at] for one in times)
        p50, p99 = ranked[len(ranked) // 2], ranked[int(0.99 * len(ranked))]
        print(f"{p50:.1f} ms p50, {p99:.1f} ms p99 {name}")
    print(f"load {before:.1f} to {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def _time(base: KnowledgeBase, question: str) -> tuple[float, float]:
    """Return milliseconds by the clock and of processor time, which other programs stretch less."""
    started, used = time.perf_counter(), time.process_time()
    base.ask(question)
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)


def _ingest_articles(base: KnowledgeBase, count: int, data: Path, place: Path) -> None:
    """Add articles of law, as text files of one law or a part of one."""
    folder = place / "laws"
    folder.mkdir()
    laws: dict[str, list[str]] = {}
    for number, row in enumerate(packed(data, "laws_cn")):
        if number == count:
            break
        laws.setdefault(row["law"], []).append(row["text"])
    for number, (law, articles) in enumerate(laws.items()):
        for first in range(0, len(articles), ARTICLES_OF_ONE_FILE):
            text = "\n\n".join((law, *articles[first : first + ARTICLES_OF_ONE_FILE]))
            (folder / f"{number}-{first}.txt").write_text(text, "utf-8")
    base.ingest([folder], ocr="never")


if __name__ == "__main__":
    main()
