"""Measure retrieval on a BEIR folder: corpus.jsonl(.gz), queries.jsonl, qrels/test.tsv.

Queries may say of which kind they are in a field `type` or `register`, or in what follows the last
"-" of their identifier (`17-lay`, `17-short`): then each kind is measured for itself, too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from index.cross import LONGEST, order_of
from kb.errors import InvalidInput
from kb.evaluation.files import FIELD, lines, problem, rows, text_of
from kb.evaluation.metrics import mean, ndcg, percentile, recall
from kb.types import Evaluation, Mode

if TYPE_CHECKING:
    from index import Encoder, Entry, SearchIndex, Segmenter
    from index.cross import PairReader

MODES: tuple[Mode, ...] = ("lexical", "dense", "hybrid")
# A ranking without a right passage among so many is a miss, and is shown with its texts.
LOOKED_AT = 10
SHOWN = 3
LONGEST_SHOWN = 400
# Kinds of queries there may be before what follows a "-" is taken for a name of its own.
MOST_KINDS = 12
# Deep enough for the deepest measure, Recall@100.
DEPTH = 100

Shown: TypeAlias = dict[str, str]
Grades: TypeAlias = dict[str, dict[str, int]]
#: Called with what is being done, how much of it is done, and how much there is (0: not known).
Listener: TypeAlias = Callable[[str, int, int], None]


def evaluate_folder(
    folder: Path,
    encoder: Encoder,
    segmenter: Segmenter,
    on_progress: Listener | None = None,
    *,
    pair_reader: PairReader | None = None,
    reads_again: bool = True,
) -> Evaluation:
    """Index the folder's corpus in a temporary place and rank every judged query by each mode.

    The first of a hybrid search are read again by `pair_reader` where there is one, and before by
    the reranker that ships with the encoder if `reads_again`, as in a search of a knowledge base.
    Rows have the query, its kind, its nDCG@10 and recalls by mode, the hybrid search's first hit
    and the rank of the first right passage; misses have the texts of both, too. Raises InvalidInput
    for files that are missing or wrong, naming file and line.
    """
    from index import SearchIndex

    report = on_progress or _silent
    corpus = _corpus_path(folder)
    grades = read_grades(folder / "qrels" / "test.tsv")
    queries = read_queries(folder / "queries.jsonl", grades)
    names: list[str] = []
    texts: list[Shown] = []
    kinds = read_kinds(folder / "queries.jsonl", queries)
    with tempfile.TemporaryDirectory(prefix="policykb-eval-") as place:
        started = time.perf_counter()
        index = SearchIndex.rebuild(
            Path(place),
            encoder,
            segmenter,
            _entries(corpus, names, texts),
            0,
            on_progress=lambda done: report("indexing", done, 0),
        )
        rate = len(names) / max(time.perf_counter() - started, 1e-9)
        if not reads_again:
            index.reranker = None
        rank = partial(_ranked, index, texts, pair_reader)
        results, times = _rank_all(rank, queries, grades, names, report)
    keys = {name: key for key, name in enumerate(names)}
    for row in results:
        row["type"] = kinds.get(str(row["id"]))
        _show_miss(row, grades[str(row["id"])], keys, texts)
    metrics = _averages(results)
    for kind in sorted(set(kinds.values())):
        of_kind = _averages([row for row in results if row["type"] == kind])
        metrics |= {f"{name}:{kind}": value for name, value in of_kind.items()}
    metrics["ms_per_query_p50"] = percentile(times, 0.50)
    metrics["ms_per_query_p99"] = percentile(times, 0.99)
    metrics["passages_per_second"] = rate
    return Evaluation(metrics, tuple(results))


def read_grades(path: Path) -> Grades:
    """Return the judgements: query id -> corpus id -> grade."""
    grades: Grades = {}
    for number, line in lines(path):
        cells = line.rstrip("\r\n").split("\t")
        if number == 1 and not cells[-1].strip().lstrip("-").isdigit():
            continue
        if len(cells) != 3 or not cells[2].strip().lstrip("-").isdigit():
            raise problem(path, number, "is not query-id, corpus-id and a whole number by tabs")
        grades.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    if not grades:
        raise InvalidInput(f"{path} has no judgements: name a BEIR folder", field=FIELD)
    return grades


def read_queries(path: Path, grades: Grades) -> dict[str, str]:
    """Return the texts of the judged queries by id."""
    queries = {
        text_of(row, "_id", path, number): text_of(row, "text", path, number)
        for number, row in rows(path)
        if row.get("_id") in grades or not isinstance(row.get("_id"), str)
    }
    missing = grades.keys() - queries.keys()
    if missing:
        raise InvalidInput(f"{path} lacks the judged query {min(missing)!r}", field=FIELD)
    return queries


def read_kinds(path: Path, queries: Collection[str]) -> dict[str, str]:
    """Return the kinds of queries by id; empty where the set tells none."""
    told = {
        str(row["_id"]): kind
        for _, row in rows(path)
        if row.get("_id") in queries
        and isinstance(kind := row.get("type") or row.get("register"), str)
    }
    if told:
        return told
    parts = {name: name.rpartition("-") for name in queries}
    ends = {end for start, _, end in parts.values() if start}
    told_by_all = all(start and end.isalpha() for start, _, end in parts.values())
    if told_by_all and 1 < len(ends) <= MOST_KINDS:
        return {name: end for name, (_, _, end) in parts.items()}
    return {}


def _show_miss(
    row: dict[str, Any], grades: dict[str, int], keys: dict[str, int], texts: list[Shown]
) -> None:
    """Add the texts of what was sought and of what was found, where nothing right was."""
    found = row.pop("found")
    if row["rank"] is not None and row["rank"] <= LOOKED_AT:
        return
    sought = [keys[name] for name in _sought(grades)[:SHOWN] if name in keys]
    row["sought"] = [_cut(texts[key]) for key in sought]
    row["found"] = [_cut(texts[key]) for key in found]


def _cut(text: Shown) -> Shown:
    return text | {"text": text["text"][:LONGEST_SHOWN]}


def _sought(grades: dict[str, int]) -> list[str]:
    return [name for name, grade in grades.items() if grade > 0]


def _corpus_path(folder: Path) -> Path:
    for name in ("corpus.jsonl.gz", "corpus.jsonl"):
        if (folder / name).is_file():
            return folder / name
    raise InvalidInput(
        f"{folder} has no corpus.jsonl or corpus.jsonl.gz: name a BEIR folder", field=FIELD
    )


def _entries(path: Path, names: list[str], texts: list[Shown]) -> Iterator[Entry]:
    """Yield the corpus for the index, a passage's key being its place in `names`."""
    from index import Entry

    seen: set[str] = set()
    for number, row in rows(path):
        name = text_of(row, "_id", path, number)
        if name in seen:
            raise problem(path, number, f"has the _id {name!r} of an earlier line")
        seen.add(name)
        names.append(name)
        title = row.get("title")
        text = text_of(row, "text", path, number)
        title = title if isinstance(title, str) else ""
        texts.append({"id": name, "title": title, "text": text[:LONGEST]})
        yield Entry(len(names) - 1, text, title)


def _ranked(
    index: SearchIndex, texts: list[Shown], reader: PairReader | None, query: str, mode: Mode
) -> list[int]:
    """Return the keys of what a search in one mode finds, best first."""
    keys = [hit.key for hit in index.search(query, DEPTH, mode)]
    if reader is None or mode != "hybrid":
        return keys
    read = [f"{texts[key]['title']}\n{texts[key]['text']}" for key in keys]
    return [keys[at] for at in order_of(reader, query, read)]


def _rank_all(
    rank: Callable[[str, Mode], list[int]],
    queries: dict[str, str],
    grades: Grades,
    names: list[str],
    report: Listener,
) -> tuple[list[dict[str, object]], list[float]]:
    results: list[dict[str, object]] = []
    times: list[float] = []
    for done, (name, text) in enumerate(queries.items(), start=1):
        row: dict[str, object] = {"id": name, "query": text}
        for mode in MODES:
            started = time.perf_counter()
            keys = rank(text, mode)
            ranked = [names[key] for key in keys]
            if mode == "hybrid":
                times.append(1000 * (time.perf_counter() - started))
                row["first"] = ranked[0] if ranked else None
                sought = set(_sought(grades[name]))
                right = (at for at, one in enumerate(ranked, start=1) if one in sought)
                row["rank"] = next(right, None)
                row["found"] = keys[:SHOWN]
            row |= _measures(mode, ranked, grades[name])
        results.append(row)
        report("searching", done, len(queries))
    return results, times


def _measures(mode: Mode, ranked: list[str], relevant: dict[str, int]) -> dict[str, object]:
    return {
        f"{mode}_ndcg@10": ndcg(ranked, relevant, 10),
        f"{mode}_recall@5": recall(ranked, relevant, 5),
        f"{mode}_recall@100": recall(ranked, relevant, 100),
    }


def _averages(results: list[dict[str, Any]]) -> dict[str, float]:
    measured = [name for name in results[0] if "@" in name] if results else []
    return {name: mean([row[name] for row in results]) for name in measured}


def _silent(_what: str, _done: int, _total: int) -> None:
    return
