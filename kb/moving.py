"""Move a knowledge base onto other back ends, resumably, and compare both when it is there.

    originals, documents, the rest -> index, from the target's store -> verify

The source is only read, and nobody writes to it meanwhile. Each original and each document is a
step of its own; what is there already and the same is passed over, so that a run that was cut short
goes on where it was, and one more run brings over what has changed since.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from kb.backups import MODELS
from kb.config import FILE_NAME
from kb.errors import HomeProblem, InvalidInput, NotFound
from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.own_files import OWN_FILES, own_files
from kb.records import StoredFile
from kb.store.copying import StoreCopy
from kb.store.retry import patient
from kb.types import Problem
from kb.verify import verify

_Item = TypeVar("_Item")
MoveStage = Literal["originals", "documents", "index", "verify"]
#: Differences that are named; more are counted.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far a stage is; `eta_seconds` is None until that is known."""

    stage: MoveStage
    done: int
    total: int
    per_second: float
    eta_seconds: float | None


OnMove = Callable[[MoveProgress], None]


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What was brought over, what was there already, and what differs where all should agree.

    `counts` are rows of tables, the same in both where nothing differs.
    """

    home: str
    documents: int
    copied: int
    originals: int
    originals_copied: int
    counts: dict[str, int]
    seconds: float
    problems: tuple[Problem, ...]
    ok: bool


def target_of(config: Path) -> Path:
    """Return the folder of the knowledge base that a settings file is of; InvalidInput."""
    place = config.expanduser().absolute()
    if place.is_dir():
        return place
    if place.name == FILE_NAME and place.is_file():
        return place.parent
    raise InvalidInput(
        f"{config} is no {FILE_NAME}: name the settings of the knowledge base to move to, in the "
        "folder that is to be its home",
        field="to",
    )


@dataclass(slots=True)
class Move:
    """One run from a source to a target, whose keeper fills its index."""

    source: Home
    target: Home
    keeper: IndexKeeper
    on_progress: OnMove | None = None

    def run(self) -> MoveReport:
        """Bring over what is not there yet, let it be indexed, and compare."""
        started = time.monotonic()
        copy = StoreCopy(self.source.store, self.target.store)
        if copy.same_place():
            raise HomeProblem(
                "the knowledge base to move to has the same store: name another by `store` in its "
                f"{FILE_NAME}; a variable POLICYKB_STORE holds for both"
            )
        locked = nullcontext() if self.source.read_only else self.source.lock.held(alone=True)
        with patient(), locked, self.target.lock.held():
            ids = copy.documents()
            self._check_target(copy, ids)
            self._plain_files()
            files = self.source.store.stored_files()
            put = sum(self._stage("originals", files, self._original))
            copied = sum(self._stage("documents", ids, lambda each: self._document(copy, each)))
            copy.rest()
            self._index()
            differing = self._stage("verify", ids, lambda each: not copy.agrees(each))
            differ = [each for each, is_other in zip(ids, differing, strict=True) if is_other]
            copy.finish()
        problems = (*self._problems(copy, differ), *verify(self.target, self.keeper).problems)
        counts = copy.counts()[0]
        seconds = time.monotonic() - started
        place = str(self.target.path)
        return MoveReport(
            place, len(ids), copied, len(files), put, counts, seconds, problems, not problems
        )

    def _check_target(self, copy: StoreCopy, ids: Sequence[str]) -> None:
        """Refuse to mix with what is not from here; remove what is here no more."""
        others = sorted(copy.present() - set(ids))
        began_before = not copy.begin()
        if others and not began_before:
            copy.finish()
            raise HomeProblem(
                f"the store to move to holds {len(others)} documents that are not here, such as "
                f"{others[0]}: name an empty database"
            )
        if others:
            self.target.store.remove(others)

    def _plain_files(self) -> None:
        ours, theirs = (own_files(home.path, home.store) for home in (self.source, self.target))
        for name in OWN_FILES:
            data = ours.data(name)
            if data is not None and theirs.mark(name) is None:
                theirs.put(name, data)
        models = self.source.path / MODELS
        for folder in models.iterdir() if models.is_dir() else ():
            if folder.is_dir() and not (self.target.path / MODELS / folder.name).exists():
                shutil.copytree(folder, self.target.path / MODELS / folder.name)

    def _original(self, file: StoredFile) -> bool:
        """Bring an original over where it is not there, whole; True where that was done."""
        theirs, ours = self.target.originals, self.source.originals
        if theirs.digest(file.sha256, file.suffix) == file.sha256:
            return False
        try:
            data = ours.read(file.sha256, file.suffix)
        except NotFound:
            # Missing or altered there as here: `verify` says which, of both.
            return False
        with self.target.work_folder() as folder:
            draft = folder / "original"
            draft.write_bytes(data)
            theirs.put(draft, file.suffix)
        return True

    def _document(self, copy: StoreCopy, document_id: str) -> bool:
        if self.source.store.altered(document_id):
            raise HomeProblem(
                f"document {document_id} is not what was stored: run `policykb verify` here, and "
                "what it says, before moving",
                code="home-damaged",
            )
        if copy.agrees(document_id):
            return False
        copy.document(document_id)
        return True

    def _index(self) -> None:
        total = len(self.target.store.keys())
        with self._telling("index", total) as tell:
            self.keeper.publish(tell)
            tell(total)

    def _problems(self, copy: StoreCopy, differ: Sequence[str]) -> Iterator[Problem]:
        for document_id in differ[:MOST_NAMED]:
            message = f"document {document_id} does not read as in {self.source.path}: move again"
            yield Problem("move-differs", message, False)
        if len(differ) > MOST_NAMED:
            yield Problem("move-differs", f"and {len(differ) - MOST_NAMED} more documents", False)
        ours, theirs = copy.counts()
        for name in ours:
            if ours[name] != theirs[name]:
                message = f"{name}: {theirs[name]} rows, and {ours[name]} in {self.source.path}"
                yield Problem("move-differs", message, False)

    def _stage(
        self, stage: MoveStage, items: Sequence[_Item], step: Callable[[_Item], bool]
    ) -> list[bool]:
        """Do a step for each item, telling how far that is."""
        results = []
        with self._telling(stage, len(items)) as tell:
            for done, item in enumerate(items, start=1):
                results.append(step(item))
                tell(done)
        return results

    @contextmanager
    def _telling(self, stage: MoveStage, total: int) -> Iterator[Callable[[int], None]]:
        started = time.monotonic()

        def tell(done: int) -> None:
            if self.on_progress is not None:
                rate = done / max(time.monotonic() - started, 1e-3)
                left = round((total - done) / rate, 1) if done and done <= total else None
                self.on_progress(MoveProgress(stage, done, total, round(rate, 1), left))

        yield tell
