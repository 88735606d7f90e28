"""Time every stage of a hybrid search, at the size of a set or of many times as many passages.

    python benchmarks/search_stages.py DIR [--passages N] [--queries N]

DIR is a BEIR folder. With --passages, sentences of its passages are put together anew, and their
digits changed, until there are so many: as many different texts of the same words. Prints what
building took and, for each stage, milliseconds a query (p50, p99) by the clock, and the p50 of the
processor's own time, which a busy machine does not lengthen.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import itertools

from retrieval import quantile, read_task

from index import Entry, SearchIndex, load_encoder, load_segmenter
from index.fuse import POOL, fuse
from index.rerank import READ

DEPTH = 100
Clock: TypeAlias = Callable[[], float]
STAGES = ("names and terms", "words", "encoding", "vectors", "the other side", "fusing", "reading")


def varied(entries: list[Entry], count: int) -> Iterator[Entry]:
    """Yield the entries, then new ones of their sentences, up to `count`."""
    yield from entries[:count]
    rng = random.Random(1)
    cut = [re.split(r"(?<=[。；])", entry.text) for entry in entries]
    for key in range(len(entries), count):
        one, other = rng.choice(cut), rng.choice(cut)
        parts = [*one[: len(one) // 2 + 1], *other[len(other) // 2 :]]
        text = re.sub(r"\d", lambda _: str(rng.randrange(10)), "".join(parts))
        yield Entry(key, text, entries[key % len(entries)].title)


def stages(index: SearchIndex, query: str, clock: Clock) -> list[float]:
    """Return the milliseconds of every stage of one search, as `SearchIndex.search` takes them."""
    at = [clock()]

    def done() -> None:
        at.append(clock())

    lexical, dense = index.lexical, index.dense
    query = lexical.known_wording(query)
    wanted = lexical.wanted(query)
    done()
    words = dict(lexical.search_wanted(wanted, POOL))
    done()
    vector = index._vector(query)
    done()
    vectors = dict(dense.search(vector, POOL))
    done()
    unworded = np.array([key for key in vectors if key not in words], np.int64)
    near = np.array([key for key in words if key not in vectors], np.int64)
    words |= lexical.search_wanted(wanted, len(unworded), unworded)
    vectors |= dense.scores(vector, near)
    done()
    hits = fuse(words, vectors, DEPTH)
    done()
    read = lexical.word_ids(hit.key for hit in hits[:READ])
    if index.reranker is not None:
        index.reranker.rerank(query, hits, read, partial(lexical.idf, "words"))
    done()
    return [1000 * (end - start) for start, end in itertools.pairwise(at)]


def main() -> None:
    """Build, search, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--passages", type=int, default=0)
    parser.add_argument("--queries", type=int, default=500)
    options = parser.parse_args()
    task = read_task(options.folder)
    count = options.passages or len(task.entries)
    encoder, segmenter = load_encoder(), load_segmenter()
    start = time.perf_counter()
    texts = [entry.text for entry in task.entries[:20_000]]
    encoder.encode_passages(texts)
    print(f"encoder alone: {len(texts) / (time.perf_counter() - start):.0f} passages/s")
    with tempfile.TemporaryDirectory() as root:
        start = time.perf_counter()
        entries = varied(task.entries, count)
        index = SearchIndex.rebuild(Path(root), encoder, segmenter, entries, 0)
        seconds = time.perf_counter() - start
        size = sum(index.manifest.files.values())
        print(f"{count} passages in {seconds:.0f} s ({count / seconds:.0f}/s), {size / 1e6:.0f} MB")
        queries = list(task.queries.values())[: options.queries]
        for query in queries[:50]:
            index.search(query, 10)
        wall, own = (
            np.sort([timed(index, query, clock) for query in queries], axis=0).T.tolist()
            for clock in (time.perf_counter, time.thread_time)
        )
    print(f"{'':16}{'p50':>7}{'p99':>8}{'own p50':>9}")
    for name, column, busy in zip((*STAGES, "whole"), wall, own, strict=True):
        figures = quantile(column, 0.5), quantile(column, 0.99), quantile(busy, 0.5)
        print("{:16}{:7.2f}{:8.2f}{:9.2f}".format(name, *figures))


def timed(index: SearchIndex, query: str, clock: Clock) -> list[float]:
    """Return the milliseconds of every stage of a search, and of a search as it is called."""
    parts = stages(index, query, clock)
    start = clock()
    index.search(query, 10)
    return [*parts, 1000 * (clock() - start)]


if __name__ == "__main__":
    main()
