"""Rank a BEIR folder on this machine's index and in Milvus, and compare the two.

    python benchmarks/cluster_ranking.py DIR [--index milvus://host:19530/name] [--spare 1 2 4]
        [--queries N] [--passages N] [--encoder NAME]

DIR is as in `benchmarks/retrieval.py`. Without `--index`, the server of the milvus-lite package is
started over an empty folder. Prints nDCG@10 of both for each mode, how many of the first ten
they share, how many rankings are equal; how filters agree: the sets that lists of keys, and facts,
leave (each passage is given some facts by its number); the time of each; and what filling it takes,
in milliseconds and bytes a passage. `--spare` repeats the comparison with so many times as many
candidates by words. The index is dropped at the end.
"""

from __future__ import annotations

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from retrieval import Task, ndcg, read_task

from index import Encoder, Entry, PassageIndex, Scope, SearchIndex, load_encoder, load_segmenter
from index.milvus import MilvusIndex, MilvusPlace, words
from index.milvus.rows import RowMaker
from index.types import Facts, Mode, Segmenter

MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")
BODIES = ("财政部", "国家发展改革委", "工业和信息化部", "科技部", "商务部")
KINDS = ("意见", "办法", "通知")
# Passages that are ranked for each query.
DEPTH = 100


def with_facts(entry: Entry) -> Entry:
    """Give a passage facts that follow from its number."""
    chosen = random.Random(entry.key)
    facts = Facts(
        document=f"document-{entry.key // 20}",
        type=KINDS[entry.key // 20 % len(KINDS)],
        issued=date(2015, 1, 1) + timedelta(days=chosen.randrange(4000)),
        issuers=tuple(chosen.sample(BODIES, chosen.randrange(3))),
        ministries=tuple(chosen.sample(BODIES, chosen.randrange(3))),
        collections=(f"collection-{entry.key // 20 % 7}",),
    )
    return replace(entry, facts=facts)


def scopes() -> Iterator[Scope]:
    """Yield filters of every kind."""
    for body in BODIES:
        yield Scope(issuers=(body,))
        yield Scope(ministries=(body, BODIES[0]))
    for kind in KINDS:
        yield Scope(type=kind, since=date(2018, 6, 1))
        yield Scope(type=kind, until=date(2017, 6, 1), collections=("collection-1",))
    yield Scope(document="document-3")
    yield Scope(since=date(2020, 1, 1), until=date(2020, 12, 31), issuers=BODIES[:2])
    yield Scope(collections=("collection-2", "collection-5"))
    yield Scope(document="no such document")


def fulfils(facts: Facts, scope: Scope) -> bool:
    """Tell whether facts are in a scope, as it is defined."""
    day = facts.issued
    return (
        (scope.document is None or facts.document == scope.document)
        and (scope.type is None or facts.type == scope.type)
        and (scope.since is None or (day is not None and day >= scope.since))
        and (scope.until is None or (day is not None and day <= scope.until))
        and (not scope.issuers or bool(set(scope.issuers) & set(facts.issuers)))
        and (not scope.ministries or bool(set(scope.ministries) & set(facts.ministries)))
        and (not scope.collections or bool(set(scope.collections) & set(facts.collections)))
    )


@contextmanager
def server() -> Iterator[str]:
    """Start milvus-lite's server over an empty folder; give the address of an index there."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
        command += ["--data-dir", folder, "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"milvus://127.0.0.1:{port}/ranking?timeout=900"
            print(f"on disk there     {_size(Path(folder)):,} bytes")
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            time.sleep(0.1)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def compared(name: str, here: PassageIndex, there: PassageIndex, task: Task) -> None:
    """Print how two indexes rank the queries of a task."""
    print(
        f"\n{name:<10}{'here':>8}{'there':>8}{'first 10 shared':>17}{'equal':>7}{'ms':>8}{'ms':>8}"
    )
    for mode in MODES:
        figures = []
        for query, text in task.queries.items():
            first, ours = _timed(lambda: [hit.key for hit in here.search(text, DEPTH, mode)])  # noqa: B023
            second, theirs = _timed(lambda: [hit.key for hit in there.search(text, DEPTH, mode)])  # noqa: B023
            gains = task.gains[query]
            shared = len(set(first[:10]) & set(second[:10])) / max(len(first[:10]), 1)
            scores = ndcg(first, gains), ndcg(second, gains)
            figures.append((*scores, shared, first[:10] == second[:10], ours, theirs))
        table = np.array(figures, np.float64)
        means = table[:, :4].mean(axis=0)
        times = np.median(table[:, 4:], axis=0)
        print(
            f"{mode:<10}{means[0]:>8.4f}{means[1]:>8.4f}{means[2]:>17.4f}{means[3]:>7.3f}"
            f"{times[0]:>8.1f}{times[1]:>8.1f}"
        )


def _timed(ask: Callable[[], list[int]]) -> tuple[list[int], float]:
    started = time.perf_counter()
    found = ask()
    return found, 1000 * (time.perf_counter() - started)


def filters_agree(
    here: SearchIndex, there: MilvusIndex, entries: Sequence[Entry], queries: Sequence[str]
) -> None:
    """Print whether facts told there leave what keys do, and whether keys leave what they name."""
    facts = {entry.key: entry.facts for entry in entries}
    sets, complete, ranks, count = 0, 0, 0, 0
    for query in queries[:5]:
        for scope in scopes():
            inside = [key for key, known in facts.items() if fulfils(known, scope)]
            keys = np.array(sorted(inside), np.int64)
            # More than 100 are never ranked; a passage without any likeness is not found.
            depth = 100
            expected = [hit.key for hit in here.search(query, depth, "dense", keys)]
            by_facts = [hit.key for hit in there.search(query, depth, "dense", scope)]
            by_keys = [hit.key for hit in there.search(query, depth, "dense", keys)]
            sets += set(by_facts) <= set(inside) and set(by_keys) <= set(inside)
            complete += len(by_facts) == len(by_keys) == len(expected)
            ranks += expected[:10] == by_facts[:10] == by_keys[:10]
            count += 1
    print(
        f"\nfilters           {count}: nothing else found {sets}, as many as here {complete}, ",
        end="",
    )
    print(f"first ten as here {ranks}")


def filled(
    place: MilvusPlace, encoder: Encoder, segmenter: Segmenter, entries: Sequence[Entry]
) -> MilvusIndex:
    """Fill an index there and print what it takes."""
    started = time.perf_counter()
    made = RowMaker(encoder, segmenter).made(list(entries[:2000]), 1)
    each = 1000 * (time.perf_counter() - started) / len(made)
    sent = sum(one.size for one in made) / len(made)
    rows = sum(len(one.rows) for one in made) / len(made)
    print(f"cutting, encoding {each:.2f} ms a passage; {sent:,.0f} bytes and {rows:.2f} rows sent")
    started = time.perf_counter()
    place.rebuild(encoder, segmenter, entries, 1)
    each = 1000 * (time.perf_counter() - started) / len(entries)
    print(f"filling there     {each:.2f} ms a passage")
    index = place.open(encoder, segmenter)
    started = time.perf_counter()
    index.search(entries[0].text, 10)
    print(f"first search      {time.perf_counter() - started:.1f} s")
    return index


def main() -> None:
    """Compare the two."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", help="an address; without, milvus-lite's server is started")
    parser.add_argument("--spare", type=int, nargs="*", default=[words.SPARE])
    parser.add_argument("--queries", type=int, default=0, help="only so many, spread evenly")
    parser.add_argument("--passages", type=int, help="only the first so many: filters alone")
    parser.add_argument("--encoder", default="default")
    options = parser.parse_args()
    task = read_task(options.folder)
    if options.queries:
        step = max(1, len(task.queries) // options.queries)
        task = replace(task, queries=dict(list(task.queries.items())[::step]))
    entries = [with_facts(entry) for entry in task.entries[: options.passages]]
    encoder, segmenter = load_encoder(options.encoder), load_segmenter()
    with tempfile.TemporaryDirectory() as folder, _address(options.index) as address:
        here = SearchIndex.rebuild(Path(folder), encoder, segmenter, entries, 1)
        size = _size(Path(folder)) / len(entries)
        print(f"passages          {len(entries):,}; here {size:,.0f} bytes each")
        place = MilvusPlace(address)
        there = filled(place, encoder, segmenter, entries)
        for spare in [] if options.passages else options.spare:
            words.SPARE = spare
            compared(f"spare {spare}", here, there, task)
        filters_agree(here, there, entries, list(task.queries.values()))


@contextmanager
def _address(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with server() as address:
        yield address


if __name__ == "__main__":
    main()
