"""Turn bits in the index and the database, and see what is said of it and what mends it: the part
`decay` of `faults.py`."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import lab
from kills import Wrong
from scenarios import Scenario

if TYPE_CHECKING:
    from collections import Counter

    from faults import Faults

DATABASE = Path("home/store.sqlite3")
#: Bits turned in the database for one in each file of the index.
MORE = 12
#: The first bytes of a file hold what it is opened by: a share of the bits is turned there.
HEAD, SHARE = 64, 0.3


def turn_bits(faults: Faults, template: Path, names: Mapping[str, int], flips: int) -> None:
    """Turn one bit at a time, and ask `verify`, a search and what mends it."""
    generator = random.Random(1)
    current = (template / "home" / "index" / "CURRENT").read_text().strip()
    every = [p for p in (template / "home" / "index").rglob("*") if p.is_file()]
    files = [p.relative_to(template) for p in every if current in p.parts and p.stat().st_size]
    for name in [*files * flips, *[DATABASE] * (MORE * flips)]:
        lab.copy(template, faults.place)
        what = _turned(faults.place / name, generator)
        part = "database" if name == DATABASE else "index"
        counts = faults.counts["decay", part]
        counts["runs"] += 1
        try:
            if part == "index":
                _of_index(faults, names, counts)
            else:
                _of_database(faults, template, names, counts)
        except (Wrong, RuntimeError, TimeoutError) as error:
            counts["faults"] += 1
            said = faults.bench.output.read_text("utf-8", "replace")[-700:]
            told = f"{what} in {name}: {error}\n  said: {said}"
            faults.bench.fault(Scenario(f"decay of {part}", {}, {}, lambda _: []), told)


def _turned(path: Path, generator: random.Random) -> str:
    data = bytearray(path.read_bytes())
    within = min(len(data), HEAD) if generator.random() < SHARE else len(data)
    at = generator.randrange(within)
    data[at] ^= 1 << generator.randrange(8)
    path.write_bytes(data)
    return f"a bit of byte {at} of {len(data)}"


def _run(faults: Faults, *arguments: str) -> tuple[str, str]:
    """Run a command; returns whether it was `done` or `refused`, and what it said."""
    run = lab.command([*arguments, "--home", faults.bench.home], faults.bench.output)
    return faults.told(run), run.said()


def _of_index(faults: Faults, names: Mapping[str, int], counts: Counter[str]) -> None:
    """All of it can be made anew."""
    seen, _ = _run(faults, "verify")
    counts["told" if seen == "refused" else "no use"] += 1
    counts[f"search {_run(faults, 'search', '冷链')[0]}"] += 1
    _run(faults, "verify", "--repair")
    problems = _answers(faults, names)
    if problems:
        raise Wrong(f"after repair: {problems}")
    counts["mended"] += 1


def _of_database(
    faults: Faults, template: Path, names: Mapping[str, int], counts: Counter[str]
) -> None:
    """What is stored of documents and is not what was stored must be told."""
    seen, said = _run(faults, "verify")
    same = _stored(faults.place / DATABASE) == _stored(template / DATABASE)
    if seen == "done" and not same:
        raise Wrong("verify finds nothing, and documents are not what was stored")
    counts["told" if seen == "refused" else "no use"] += 1
    counts[f"search {_run(faults, 'search', '冷链')[0]}"] += 1
    if "document-altered" in said and "database-damaged" not in said:
        _run(faults, "rebuild", "--reparse")
        problems = _answers(faults, names)
        # Where a document lay is in no original: that file is to be added again.
        if any("ingest --force" not in problem for problem in problems):
            raise Wrong(f"after reading again: {problems}")
        counts["mended"] += 1


def _answers(faults: Faults, names: Mapping[str, int]) -> list[str]:
    """Return which documents do not answer, and what `verify` says."""
    bench = faults.bench
    found = lab.asked(lambda: lab.look(bench.home, sorted(names)), bench.folder / "look")
    return [*(n for n, v in names.items() if found["search"][n] != [v]), *found["problems"]]


def _stored(path: Path) -> list[object] | None:
    """Return what is stored of documents, as bytes; None where it cannot be read."""
    from kb.store.digests import PARTS

    rows: list[object] = []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.text_factory = bytes
            for part in PARTS.values():
                for table, columns in part.items():
                    named = ", ".join(f'"{column}"' for column in columns.split())
                    query = f'SELECT document_id, {named} FROM "{table}"'  # noqa: S608 - ours
                    found = base.execute(query)
                    rows += sorted(map(repr, found))
    except sqlite3.Error:
        return None
    return rows
