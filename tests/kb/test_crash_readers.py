"""A writer, and readers in other processes: whole generations, and what was removed is gone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kb import KnowledgeBase

PLACES = ("青岚湾", "云松洲", "白霞岗", "石柳渡")
FACT = re.compile(r"(青岚湾|云松洲|白霞岗|石柳渡)冷链基地新增库容(\d+)万立方米")
READER = r"""
import json, sys, time
from pathlib import Path
from kb import KnowledgeBase
home, places = Path(sys.argv[1]), sys.argv[2:]
with KnowledgeBase.open(home, read_only=True) as base:
    while True:
        for place in places:
            for mode in ("hybrid", "lexical", "dense"):
                began = time.monotonic()
                hits = base.search(f"{place}冷链基地新增库容多少？", mode=mode).hits
                ended = time.monotonic()
                index = base.context.index
                words, vectors = index.lexical.keys(), index.dense.keys()
                whole = words.tolist() == vectors.tolist() and len(words) == index.manifest.count
                texts = [hit.text for hit in hits]
                print(json.dumps([began, ended, place, mode, texts, whole]), flush=True)
"""


@dataclass
class Version:
    """When a version of a document may answer, and when it must."""

    place: str
    value: int
    maybe_from: float
    surely_from: float = float("inf")
    surely_to: float = float("inf")
    maybe_to: float = float("inf")
    replaced_by: Version | None = None

    def covers(self, began: float, ended: float) -> bool:
        """Tell whether this or what replaced it was there all the time."""
        if not self.surely_from <= began <= self.maybe_to:
            return False
        last = self
        while last.replaced_by is not None and last.maybe_to < ended:
            last = last.replaced_by
        return last.replaced_by is not None or last.surely_to >= ended


@dataclass
class Writer:
    """Adds, replaces and removes documents, and notes when."""

    base: KnowledgeBase
    folder: Path
    history: list[Version] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    value: int = 100

    def write(self, place: str) -> None:
        self.value += 1
        path = self.folder / f"{place}.txt"
        path.write_text(
            f"关于{place}冷链物流的通知\n\n一、总体要求\n坚持市场主导。\n\n二、重点任务\n"
            f"（一）完善骨干网络。{place}冷链基地新增库容{self.value}万立方米。\n"
            f"（二）加强质量监管。{place}冷藏食品全程记录温度。\n",
            "utf-8",
        )
        before = self._standing(place)
        version = Version(place, self.value, time.monotonic())
        self.history.append(version)
        for old in before:
            old.surely_to = version.maybe_from
            old.replaced_by = version
        [report] = self.base.ingest([path], workers=1).documents
        version.surely_from = time.monotonic()
        for old in before:
            old.maybe_to = version.surely_from
        self.ids[place] = str(report.document_id)

    def remove(self, place: str) -> None:
        began = time.monotonic()
        for old in self._standing(place):
            old.surely_to = began
        self.base.remove([self.ids.pop(place)])
        for old in self._standing(place):
            old.surely_to, old.maybe_to = began, time.monotonic()

    def _standing(self, place: str) -> list[Version]:
        return [v for v in self.history if v.place == place and v.maybe_to == float("inf")]


@pytest.mark.slow
def test_readers_see_whole_generations_and_nothing_that_was_removed(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    writer = Writer(base, folder)
    for place in PLACES:
        writer.write(place)
    command = [sys.executable, "-c", READER, str(base.home), *PLACES]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline()
        until, turn = time.monotonic() + 15, 0
        while time.monotonic() < until:
            place, turn = PLACES[turn % len(PLACES)], turn + 1
            if turn % 3 == 0 and place in writer.ids:
                writer.remove(place)
                time.sleep(0.2)
            writer.write(place)
    finally:
        for reader in readers:
            reader.kill()
    lines = [line for reader in readers for line in reader.communicate()[0].splitlines()]
    looks = [json.loads(line) for line in lines if line.endswith("]")]
    # How many depends on the machine; none would prove nothing.
    assert len(looks) > 20
    assert turn > 5
    covered = 0
    for began, ended, place, mode, texts, whole in looks:
        assert whole
        found = {
            int(value) for text in texts for named, value in FACT.findall(text) if named == place
        }
        theirs = [version for version in writer.history if version.place == place]
        may = {v.value for v in theirs if v.maybe_from <= ended and v.maybe_to >= began}
        must = {v.value for v in theirs if v.surely_from <= began and v.surely_to >= ended}
        assert must <= found <= may, (mode, place, began, ended)
        # One version, at any time, and one there is as long as none was removed.
        assert len(found) <= 1, (mode, place, began, ended)
        if any(version.covers(began, ended) for version in theirs):
            covered += 1
            assert found, (mode, place, began, ended)
    assert covered > 10
    assert base.verify().ok
