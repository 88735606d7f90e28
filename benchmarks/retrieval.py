"""Rank a BEIR folder in every way the index can, and time it against the raw libraries.

    python benchmarks/retrieval.py DIR... [--encoder NAME] [--engine rjieba|jieba]

DIR holds `corpus.jsonl.gz` (`_id`, `title`, `text`), `queries.jsonl` and `qrels/test.tsv`. Prints
nDCG@10, Recall@5, Recall@100 and milliseconds a query (p50, p99) for each kind of term, for the
vectors, for ways of fusing them, and for the first of the fused read again ("hybrid"), with other
names of things and citations of documents, and without. Then gains with their standard errors over
queries; nDCG@10 by register, which is what follows the last "-" of a query's identifier; and how
the whole search compares with what tantivy and FAISS need for their part alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from index import Entry, SearchIndex, load_encoder, load_segmenter
from index.synonyms import NONE
from index.terms import Wanted

DEPTH = 100
Ranking = list[int]
Rank = Callable[[str], Ranking]
Gains = dict[str, float]


@dataclass(frozen=True, slots=True)
class Task:
    """Passages, queries, and for each query the keys that answer it with their gains."""

    entries: list[Entry]
    queries: dict[str, str]
    gains: dict[str, dict[int, float]]


def read_task(folder: Path) -> Task:
    """Read a BEIR folder; queries without a relevant passage are left out."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    entries = [Entry(key, row["text"], row.get("title", "")) for key, row in enumerate(rows)]
    keys = {row["_id"]: key for key, row in enumerate(rows)}
    gains: dict[str, dict[int, float]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, passage, gain = line.split("\t")
        if float(gain) > 0:
            gains.setdefault(query, {})[keys[passage]] = float(gain)
    texts = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
    queries = {row["_id"]: row["text"] for row in texts if row["_id"] in gains}
    return Task(entries, queries, gains)


def ndcg(ranking: Ranking, gains: dict[int, float], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain (Järvelin and Kekäläinen 2002)."""
    found = sum(gains.get(key, 0.0) / math.log2(at + 2) for at, key in enumerate(ranking[:depth]))
    best = sorted(gains.values(), reverse=True)[:depth]
    return found / sum(gain / math.log2(at + 2) for at, gain in enumerate(best))


def recall(ranking: Ranking, gains: dict[int, float], depth: int) -> float:
    """Return the share of relevant keys among the first `depth`."""
    return len(gains.keys() & set(ranking[:depth])) / len(gains)


def lexical(index: SearchIndex, *fields: str) -> Rank:
    """Rank by the terms of some fields only."""

    def rank(query: str) -> Ranking:
        terms = [term for term in index.lexical.terms(query) if term.field in fields]
        return list(index.lexical.find(Wanted(tuple(terms)), DEPTH).shares)

    return rank


def mode(index: SearchIndex, name: str) -> Rank:
    """Rank as a search in one mode does."""
    return lambda query: [hit.key for hit in index.search(query, DEPTH, name)]  # type: ignore[arg-type]


def not_read_again(index: SearchIndex) -> Rank:
    """Rank as a hybrid search does without its reranker."""

    def rank(query: str) -> Ranking:
        reranker, index.reranker = index.reranker, None
        hits = index.search(query, DEPTH)
        index.reranker = reranker
        return [hit.key for hit in hits]

    return rank


def without_citations(index: SearchIndex, rank: Rank) -> Rank:
    """Rank as `rank` does where no document is known to cite another."""

    def without(query: str) -> Ranking:
        with patch.object(index.lexical, "citing", lambda *_: {}):
            return rank(query)

    return without


def without_synonyms(index: SearchIndex, name: str) -> Rank:
    """Rank as a search in one mode does without other names of things."""

    def rank(query: str) -> Ranking:
        synonyms = index.lexical.synonyms
        index.use_synonyms(NONE)
        hits = index.search(query, DEPTH, name)  # type: ignore[arg-type]
        index.use_synonyms(synonyms)
        return [hit.key for hit in hits]

    return rank


def by_maximum(index: SearchIndex, weight: float) -> Rank:
    """Add score over best score of both sides: the weight is the same for every query."""

    def rank(query: str) -> Ranking:
        total: dict[int, float] = {}
        for name, share in (("lexical", 1.0), ("dense", weight)):
            hits = index.search(query, DEPTH, name)  # type: ignore[arg-type]
            for hit in hits:
                total[hit.key] = total.get(hit.key, 0.0) + share * hit.score / hits[0].score
        return sorted(total, key=lambda key: (-total[key], key))

    return rank


def by_rank(index: SearchIndex, constant: int = 60) -> Rank:
    """Fuse by reciprocal ranks (Cormack et al. 2009)."""

    def rank(query: str) -> Ranking:
        total: dict[int, float] = {}
        for name in ("lexical", "dense"):
            for at, hit in enumerate(index.search(query, DEPTH, name), start=1):  # type: ignore[arg-type]
                total[hit.key] = total.get(hit.key, 0.0) + 1 / (constant + at)
        return sorted(total, key=lambda key: (-total[key], key))

    return rank


def ways(index: SearchIndex) -> Iterator[tuple[str, Rank]]:
    """Yield every way of ranking with its name."""
    yield "words", lexical(index, "words")
    yield "bigrams", lexical(index, "bigrams")
    yield "lexical: both", without_synonyms(index, "lexical")
    yield "+ synonyms", mode(index, "lexical")
    yield "dense", mode(index, "dense")
    for weight in (0.2, 0.5, 1.0):
        yield f"score/max, w {weight}", by_maximum(index, weight)
    yield "reciprocal rank", by_rank(index)
    yield "no citations, fused", without_citations(index, not_read_again(index))
    yield "fused", not_read_again(index)
    yield "no citations", without_citations(index, mode(index, "hybrid"))
    yield "no synonyms", without_synonyms(index, "hybrid")
    yield "hybrid", mode(index, "hybrid")


def milliseconds(run: Callable[[str], object], queries: list[str]) -> list[float]:
    """Return how long each call took, ascending."""
    times = []
    for query in queries:
        start = time.perf_counter()
        run(query)
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)


def row(name: str, task: Task, rank: Rank) -> tuple[str, Gains]:
    """Rank every query; return a line of the table, and nDCG@10 by query."""
    rankings: dict[str, Ranking] = {}
    identifiers = {text: query for query, text in task.queries.items()}

    def run(text: str) -> None:
        rankings[text] = rank(text)

    times = milliseconds(run, list(identifiers))
    pairs = {query: (rankings[text], task.gains[query]) for query, text in task.queries.items()}
    gains = {query: ndcg(*pair) for query, pair in pairs.items()}
    figures = (
        np.mean(list(gains.values())),
        np.mean([recall(*pair, 5) for pair in pairs.values()]),
        np.mean([recall(*pair, 100) for pair in pairs.values()]),
    )
    quality = "  ".join(f"{figure:7.4f}" for figure in figures)
    line = f"{name:18}{quality}  {quantile(times, 0.5):6.2f}  {quantile(times, 0.99):6.2f}"
    return line, gains


def difference(name: str, new: Gains, old: Gains) -> str:
    """Return a line with the mean gain and its standard error over paired queries."""
    gains = np.array([new[query] - old[query] for query in new])
    return f"{name:30}{gains.mean():+.4f} (s.e. {gains.std() / math.sqrt(len(gains)):.4f})"


def by_register(gains: Gains) -> str:
    """Return nDCG@10 of every register; empty where identifiers name none."""
    parts: dict[str, list[float]] = {}
    for query, gain in gains.items():
        parts.setdefault(query.rpartition("-")[2] if "-" in query else "", []).append(gain)
    if len(parts) < 2:
        return ""
    return ", ".join(f"{name} {np.mean(values):.4f}" for name, values in sorted(parts.items()))


def quantile(ascending: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)]


def raw_times(index: SearchIndex, queries: list[str]) -> tuple[float, float]:
    """Return the p50 of tantivy's and of FAISS's own search, with queries made beforehand."""
    from tantivy import Occur, Query

    searcher, schema = index.lexical._searcher, index.lexical._schema
    parsed, vectors = {}, {}
    for text in queries:
        terms = [
            (Occur.Should, Query.term_query(schema, term.field, term.text, "freq"))
            for term in index.lexical.terms(text)
        ]
        parsed[text] = Query.boolean_query(terms)
        vectors[text] = index._vector(text).reshape(1, -1)
    words = milliseconds(lambda text: searcher.search(parsed[text], DEPTH, count=False), queries)
    near = milliseconds(
        lambda text: index.dense.segments[0].raw.search(vectors[text], DEPTH), queries
    )
    return quantile(words, 0.5), quantile(near, 0.5)


def report(folder: Path, encoder_name: str, engine: str) -> None:
    """Build the index of a folder and print its tables."""
    task = read_task(folder)
    encoder, segmenter = load_encoder(encoder_name), load_segmenter(engine)  # type: ignore[arg-type]
    queries = list(task.queries.values())
    with tempfile.TemporaryDirectory() as root:
        start = time.perf_counter()
        index = SearchIndex.rebuild(Path(root), encoder, segmenter, task.entries, 0)
        rate = len(task.entries) / (time.perf_counter() - start)
        size = sum(index.manifest.files.values()) / len(task.entries)
        print(f"\n{folder.name}: {len(task.entries)} passages, {len(queries)} queries")
        print(f"built at {rate:.0f} passages/s, {size:.0f} bytes each on disk")
        print(f"{'':18}nDCG@10  Rec.@5   Rec.@100   p50 ms  p99 ms")
        gains: dict[str, Gains] = {}
        for name, rank in ways(index):
            line, gains[name] = row(name, task, rank)
            print(line, flush=True)
        whole = quantile(milliseconds(lambda text: index.search(text, 10), queries), 0.5)
        words, near = raw_times(index, queries)
    for new, old in (
        ("+ synonyms", "lexical: both"),
        ("fused", "lexical: both"),
        ("hybrid", "lexical: both"),
        ("hybrid", "fused"),
        ("hybrid", "no synonyms"),
        ("hybrid", "no citations"),
    ):
        print(difference(f"{new} over {old}", gains[new], gains[old]))
    for name in ("lexical: both", "fused", "hybrid"):
        if registers := by_register(gains[name]):
            print(f"{name}: {registers}")
    print(
        f"p50: hybrid search {whole:.2f} ms; tantivy alone {words:.2f}, FAISS alone {near:.2f}: "
        f"{whole / (words + near):.2f} times their sum"
    )


def main() -> None:
    """Report on every folder named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--encoder", default="default")
    parser.add_argument("--engine", choices=("rjieba", "jieba"), default="rjieba")
    options = parser.parse_args()
    for folder in options.folders:
        report(folder, options.encoder, options.engine)


if __name__ == "__main__":
    main()
