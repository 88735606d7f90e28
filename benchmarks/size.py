"""Show what a base of any size costs: search, filters, start-up, writing, disk and memory.

    python benchmarks/size.py TEXTS QUERIES --passages 1000000 [--root DIR] [--json FILE]

TEXTS is a JSON-lines file (`.xz` or not) of real passages, multiplied with variation; QUERIES one
whose rows have questions (`lay`, `pro`, `short` or `question`). With --root, an index that is there
already is measured again and kept. Every figure is of this one run, raw tantivy and FAISS on the
same files included; times are milliseconds: p50, p99, and p50 of the processor's time alone, which
other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from size_truth import Truth, recall
from synthetic import PER_DOCUMENT, entries, read_rows, read_texts

from index import SearchIndex, generations, load_encoder, load_segmenter
from index.fuse import POOL, fuse
from index.rerank import READ
from index.types import Keys

STAGES = (
    "terms",
    "words",
    "encoding",
    "vectors",
    "other side",
    "citations",
    "fusing",
    "word ids",
    "reading",
)
SELECTIVITIES = (0.5, 0.01, 0.0001)
TRUTH = "truth"
Figures = dict[str, Any]
Times = npt.NDArray[np.float64]


def now() -> Times:
    """Return milliseconds of the clock and of this thread."""
    return 1000 * np.array([time.perf_counter(), time.thread_time()])


def quantiles(times: Sequence[Times]) -> tuple[float, float, float]:
    """Return p50 and p99 by the clock, and p50 of the processor's time."""
    clock, processor = np.array(times).T
    found = (*np.quantile(clock, (0.5, 0.99)), np.median(processor))
    return tuple(round(float(value), 2) for value in found)  # type: ignore[return-value]


def timed(call: Callable[[], object]) -> Times:
    """Return the milliseconds of a call."""
    start = now()
    call()
    return now() - start


def stages(index: SearchIndex, query: str) -> list[Times]:
    """Return the times of every stage of one search, as `SearchIndex.search` takes them."""
    at = [now()]

    def done() -> None:
        at.append(now())

    lexical, dense = index.lexical, index.dense
    query = lexical.known_wording(query)
    wanted = lexical.wanted(query)
    done()
    found = lexical.find(wanted, POOL)
    done()
    vector = index._vector(query)
    done()
    vectors = dict(dense.search(vector, POOL))
    done()
    unworded = np.array([key for key in vectors if key not in found.shares], np.int64)
    others = lexical.look_up(unworded, wanted)
    words = found.shares | others.shares
    addresses = found.addresses | others.addresses
    vectors |= dense.scores(vector, np.array([k for k in words if k not in vectors], np.int64))
    done()
    citing = lexical.citing(addresses)
    done()
    hits = fuse(words, vectors, READ, citing)
    done()
    read = lexical.word_ids({hit.key: addresses[hit.key] for hit in hits[:READ]})
    done()
    if index.reranker is not None:
        index.reranker.rerank(query, hits, read, partial(lexical.idf, "words"))
    done()
    return [end - start for start, end in itertools.pairwise(at)]


def searching(index: SearchIndex, queries: Sequence[str]) -> Figures:
    """Time every stage, the whole, and what the raw libraries need for as many candidates."""
    for query in queries[:50]:
        index.search(query, 10)
    figures: Figures = {}
    parts = [stages(index, query) for query in queries]
    for name, column in zip(STAGES, zip(*parts, strict=True), strict=True):
        figures[name] = quantiles(column)
    figures["whole"] = quantiles([timed(partial(index.search, query, 10)) for query in queries])
    for depth in (10, POOL):
        figures[f"raw tantivy {depth}"] = quantiles([_raw_words(index, q, depth) for q in queries])
        figures[f"raw FAISS {depth}"] = quantiles([_raw_vectors(index, q, depth) for q in queries])
        both = [figures[f"raw {library} {depth}"] for library in ("tantivy", "FAISS")]
        allowed = [1.3 * sum(pair) + 2 for pair in zip(*both, strict=True)]
        figures[f"whole over 1.3 raw {depth} + 2 ms"] = tuple(
            round(ours / goal, 2) for ours, goal in zip(figures["whole"], allowed, strict=True)
        )
    return figures


def _raw_words(index: SearchIndex, query: str, depth: int) -> Times:
    wanted = index.lexical.wanted(query)
    if not wanted.ceiling:
        return np.zeros(2)
    parsed = index.lexical._query(wanted)
    return timed(partial(index.lexical._searcher.search, parsed, depth, count=False))


def _raw_vectors(index: SearchIndex, query: str, depth: int) -> Times:
    import faiss

    faiss.omp_set_num_threads(1)
    vector = index._vector(query).reshape(1, -1)
    parts = [
        timed(partial(part.raw.search, vector, depth, params=part.params()))
        for part in index.dense.segments
    ]
    return np.sum(parts, axis=0)


def filtered(index: SearchIndex, queries: Sequence[str], truth: Truth, share: float) -> Figures:
    """Time searches among a share of the documents, and compare them with looking at all."""
    allowed = _some_of(index.keys(), share)
    for query in queries[:5]:
        index.search(query, 10, allowed=allowed)
    times = [timed(partial(index.search, query, 10, allowed=allowed)) for query in queries]
    vectors = np.array([index._vector(query) for query in queries])
    dense = [index.dense.search(vector, 10, allowed) for vector in vectors]
    few = queries[:10]
    return {
        "keys": len(allowed),
        "hybrid": quantiles(times),
        "dense": quantiles(
            [timed(partial(index.dense.search, vector, 10, allowed)) for vector in vectors]
        ),
        "lexical": quantiles(
            [timed(partial(index.lexical.search, query, POOL, allowed)) for query in queries]
        ),
        "dense recall@10": recall(dense, truth.nearest(vectors, 10, allowed)),
        "lexical right": sum(_lexical_right(index, query, allowed) for query in few) / len(few),
        "not allowed": sum(
            hit.key not in set(allowed.tolist())
            for query in few
            for hit in index.search(query, 10, allowed=allowed)
        ),
    }


def _some_of(keys: Keys, share: float) -> Keys:
    """Return the keys of documents chosen at random, about a share of all."""
    wanted = max(1, round(share * len(keys)))
    documents = np.random.default_rng(5).permutation(np.unique(keys // PER_DOCUMENT))
    chosen = documents[: -(-wanted // PER_DOCUMENT)]
    return keys[np.isin(keys // PER_DOCUMENT, chosen)][:wanted]


def _lexical_right(index: SearchIndex, query: str, allowed: Keys) -> bool:
    every = index.lexical.search(query, len(index))
    inside = set(allowed.tolist())
    expected = [share for key, share in every if key in inside][:10]
    ours = [share for _, share in index.lexical.search(query, 10, allowed)]
    return bool(np.allclose(ours, expected, atol=1e-5))


def writing(root: Path, texts: list[tuple[str, str]], count: int) -> Figures:
    """Time publications: one document added, 1,000 passages, a document removed; three of each."""
    encoder, segmenter = load_encoder(), load_segmenter()
    figures: Figures = {}
    revision, first = 1, count
    for name, size in (("add a document", PER_DOCUMENT), ("add 1,000", 1000)):
        times, written = [], []
        for _ in range(3):
            new = list(entries(texts, size, first))
            publish = partial(
                SearchIndex.publish, root, encoder, segmenter, add=new, revision=revision
            )
            times.append(timed(publish)[0])
            written.append(_new_bytes(root))
            first, revision = first + size, revision + 1
        figures[name] = [round(ms) for ms in times]
        figures[f"{name}, MB written"] = [round(size / 1e6, 1) for size in written]
    times = []
    for document in (3, 5, 7):
        gone = range(document * PER_DOCUMENT, (document + 1) * PER_DOCUMENT)
        publish = partial(
            SearchIndex.publish, root, encoder, segmenter, remove=gone, revision=revision
        )
        times.append(timed(publish)[0])
    figures["delete a document"] = [round(ms) for ms in times]
    return figures


def _new_bytes(root: Path) -> int:
    """Return the bytes of the current generation's files that no other generation shares."""
    folder = generations.folder_of(root, generations.require_current(root))
    files = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(found.st_size for found in files if found.st_nlink == 1)


def starting(root: Path, query: str) -> Figures:
    """Start a process of its own, its index files not in memory; time the first answer."""
    for path in root.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)
    command = [sys.executable, __file__, "-", "-", "--root", str(root), "--first", query]
    shown = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(2)
    ]
    return {"cold": shown[0], "warm": shown[1]}


def first_answer(root: Path, query: str) -> Figures:
    """Open an index and ask once."""
    start = time.perf_counter()
    encoder, segmenter = load_encoder(), load_segmenter()
    models = time.perf_counter()
    index = SearchIndex.open(root, encoder, segmenter)
    opened = time.perf_counter()
    index.search(query, 10)
    asked = time.perf_counter()
    steps = zip(("models", "open", "first query"), (models, opened, asked), strict=True)
    before = start
    figures: Figures = {}
    for name, at in steps:
        figures[name] = round(1000 * (at - before))
        before = at
    return figures | {"RSS MB": _resident()}


def _resident() -> int:
    """Return the process's memory in MB: its own, and mapped files that were read."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if "VmRSS" in line)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def build(root: Path, texts: list[tuple[str, str]], count: int) -> Figures:
    """Make the index and the truth beside it."""
    encoder, segmenter = load_encoder(), load_segmenter()
    truth = Truth(root / TRUTH, encoder.spec.dimension)
    with truth.recording(encoder, entries(texts, count)) as source:
        clock = time.perf_counter()
        processor = time.process_time()
        SearchIndex.rebuild(root / "index", encoder, segmenter, source, 0)
    return {
        "seconds": round(time.perf_counter() - clock),
        "processor seconds": round(time.process_time() - processor),
        "peak MB": _peak(),
    }


def read_queries(path: Path, most: int) -> list[str]:
    """Return questions of a JSON-lines file, a register of each row in turn."""
    rows = itertools.islice(read_rows(path), most * 7)
    names = ("lay", "pro", "short", "question")
    asked = [[row[name] for name in names if row.get(name)] for row in rows]
    return [some[at % len(some)] for at, some in enumerate(asked[::7]) if some][:most]


def measure(root: Path, texts: list[tuple[str, str]], queries: list[str], count: int) -> Figures:
    """Return every figure of a base of some size."""
    figures: Figures = {"passages": count, "load before": os.getloadavg()[0]}
    if not (root / "index").exists():
        figures["rebuild"] = build(root, texts, count)
    encoder, segmenter = load_encoder(), load_segmenter()
    index = SearchIndex.open(root / "index", encoder, segmenter)
    size = sum(index.manifest.files.values())
    figures["disk bytes a passage"] = round(size / len(index))
    figures["starting"] = starting(root / "index", queries[0])
    figures["searching"] = searching(index, queries)
    figures["RSS MB after searching"] = _resident()
    truth = Truth(root / TRUTH, encoder.spec.dimension)
    vectors = np.array([index._vector(query) for query in queries[:200]])
    found = [index.dense.search(vector, 10) for vector in vectors]
    figures["recall@10"] = recall(found, truth.nearest(vectors, 10))
    for share in SELECTIVITIES:
        figures[f"filtered {share:.2%}"] = filtered(index, queries[:100], truth, share)
    figures["writing"] = writing(root / "index", texts, count)
    figures["load after"] = os.getloadavg()[0]
    return figures


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("texts", type=Path, metavar="TEXTS")
    parser.add_argument("queries", type=Path, metavar="QUERIES")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--asked", type=int, default=500, help="how many queries")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--first", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        print(json.dumps(first_answer(options.root, options.first)))
        return
    texts, queries = read_texts(options.texts), read_queries(options.queries, options.asked)
    with tempfile.TemporaryDirectory() as folder:
        root = options.root or Path(folder)
        figures = measure(root, texts, queries, options.passages)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show(figures)


def show(figures: Figures, indent: str = "") -> None:
    """Print figures, groups of them indented."""
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:32} {value}")


if __name__ == "__main__":
    main()
