"""Compare the store, the originals and both indexes, and mend what is made from the store."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from sqlalchemy.exc import DatabaseError

from index.errors import IndexUnreachable, SearchIndexError
from kb.errors import HomeLocked, HomeProblem, NotFound
from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.library import document
from kb.records import StoredFile
from kb.recovery import left_over
from kb.seams import mapped
from kb.types import DocumentInfo, Problem, VerifyReport

logger = logging.getLogger(__name__)
# Problems of an index that has not caught up with the store.
_UNPUBLISHED = frozenset(
    {
        "index-missing",
        "index-stale",
        "lexical-missing",
        "lexical-unknown",
        "dense-missing",
        "dense-unknown",
    }
)
_READ_AGAIN = "run `policykb ingest --force` on the file"
_REPARSE = "run `policykb rebuild --reparse`"
#: What the digests of `kb.store.digests` are of, and what mends it.
_PARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "filing": ("the name, the path or the day of adding", _READ_AGAIN),
        "facts": ("the title, the dates or other facts", _REPARSE),
        "text": ("the text or the pages", _REPARSE),
        "clauses": ("the clauses", _REPARSE),
        "passages": ("the passages", _REPARSE),
    }
)


def verify(home: Home, keeper: IndexKeeper, *, repair: bool = False) -> VerifyReport:
    """Check everything and say what is wrong; with `repair`, mend what can be and check again.

    Looking takes no lock, so that it holds up no one. Where it finds something, another process
    may have been writing: it looks again under the writer's lock, or, while that process has it,
    tells only what is wrong both times and is not mended by its publishing.
    """
    if repair:
        with home.lock.held(alone=True):
            return _mended(home, keeper)
    report = _Check(home, keeper).report()
    if report.ok:
        return report
    if home.read_only:
        # Nobody else's lock can be seen, and no index mended.
        return report
    try:
        with home.lock.held():
            _follow(home, keeper)
            return _Check(home, keeper).report()
    except HomeLocked:
        logger.warning("another policykb is writing: what it has not published is not compared")
        return _beside_a_writer(report, _Check(home, keeper).report())


def _follow(home: Home, keeper: IndexKeeper) -> None:
    """Take in what other hosts have stored, as this host's own index does when it is searched."""
    if home.store.is_shared and not home.settings.index:
        # One that cannot be published to is told of by the check.
        with suppress(SearchIndexError):
            keeper.publish()


def _mended(home: Home, keeper: IndexKeeper) -> VerifyReport:
    home.sweep()
    report = _Check(home, keeper).report()
    if not any(problem.repairable for problem in report.problems):
        return report
    logger.warning("%s", keeper.mend())
    return _Check(home, keeper).report()


def _beside_a_writer(before: VerifyReport, now: VerifyReport) -> VerifyReport:
    problems = tuple(
        problem
        for problem in now.problems
        if problem in before.problems and problem.code not in _UNPUBLISHED
    )
    return VerifyReport(not problems, now.checked, problems)


class _Check:
    """One pass over everything; `checked` counts what was looked at."""

    def __init__(self, home: Home, keeper: IndexKeeper) -> None:
        self._home = home
        self._store = home.store
        self._keeper = keeper
        self._checked: Counter[str] = Counter()

    def report(self) -> VerifyReport:
        problems = tuple(self._problems())
        return VerifyReport(not problems, dict(self._checked), problems)

    def _problems(self) -> Iterator[Problem]:
        try:
            for damage in self._store.damage():
                yield Problem("database-damaged", f"{damage}: restore a backup", False)
            yield from self._compared()
        except (DatabaseError, HomeProblem) as error:
            problem = error if isinstance(error, HomeProblem) else mapped(error)
            if problem.code != "home-damaged":
                raise
            # What is behind the damage cannot be looked at.
            yield Problem("database-damaged", problem.message, False)

    def _compared(self) -> Iterator[Problem]:
        for file in self._store.stored_files():
            self._checked["documents"] += 1
            try:
                altered = list(self._altered(file))
                info = None if altered else document(self._store, file.document_id)
                problems = [*self._original(file), *(self._document(info) if info else altered)]
            except NotFound:
                # Removed since the list was read.
                continue
            yield from problems
        yield from self._facts()
        # Left by a run that was cut short; the next one removes it.
        self._checked["originals_left_over"] = self._home.left_over()
        self._checked["files_left_over"] = len(left_over(self._home.path))
        yield from self._index()

    def _facts(self) -> Iterator[Problem]:
        """Yield that documents lack facts, because a version before these were read added them."""
        outdated = sum(file.outdated for file in self._store.stored_files())
        if outdated:
            message = (
                f"{outdated} documents were read by an older version and lack what is read by now, "
                "such as deadlines and what they repeal: run `policykb rebuild --reparse`"
            )
            yield Problem("facts-missing", message, False)

    def _altered(self, file: StoredFile) -> Iterator[Problem]:
        """Yield each part of a document that is not what was stored; NotFound."""
        parts = self._store.altered(file.document_id)
        if parts and self._store.stored_file(file.document_id) is None:
            raise NotFound(file.document_id)
        for part in parts:
            what, remedy = _PARTS[part]
            message = (
                f"{what} of document {file.document_id} ({file.name}) are not what was stored: "
                f"the database has decayed: {remedy}"
            )
            yield Problem("document-altered", message, False)

    def _original(self, file: StoredFile) -> Iterator[Problem]:
        self._checked["originals"] += 1
        found = self._home.originals.digest(file.sha256, file.suffix)
        if found is None:
            message = f"the original of {file.document_id} ({file.name}) is gone: {_READ_AGAIN}"
            yield Problem("original-missing", message, False)
        elif found != file.sha256:
            message = f"the original of {file.document_id} ({file.name}) is altered: {_READ_AGAIN}"
            yield Problem("original-altered", message, False)

    def _document(self, info: DocumentInfo) -> Iterator[Problem]:
        for what, fault in (
            *self._spans(info),
            *self._pages(info),
        ):
            message = f"{what} of document {info.document_id} ({info.name}) {fault}: {_READ_AGAIN}"
            yield Problem("text-differs", message, False)

    def _spans(self, info: DocumentInfo) -> Iterator[tuple[str, str]]:
        """Yield each passage and clause that is not what the document says at its place."""
        text = self._store.document_text(info.document_id)
        passages = self._store.passages(info.document_id)
        self._checked["passages"] += len(passages)
        self._checked["characters"] += info.characters
        self._checked["characters_indexed"] += info.characters_indexed
        if len(passages) != info.passages:
            yield "the passages", f"are {len(passages)}, and {info.passages} were stored"
        for passage in passages:
            if passage.text != text[passage.start : passage.end]:
                yield f"passage {passage.passage_id}", "is not in its text"
            if not set(passage.pages) <= set(range(1, info.pages + 1)):
                yield f"passage {passage.passage_id}", "is on a page it does not have"
        clauses = self._store.clauses_of(info.document_id)
        self._checked["clauses"] += len(clauses)
        for clause in clauses:
            if clause.text != text[clause.start : clause.end]:
                yield f"clause {clause.clause_id}", "is not in its text"

    def _pages(self, info: DocumentInfo) -> Iterator[tuple[str, str]]:
        """Yield each page whose text is not the document's between it and the next."""
        text = self._store.document_text(info.document_id)
        pages = self._store.pages(info.document_id)
        self._checked["pages"] += len(pages)
        if len(pages) != info.pages:
            yield "the pages", f"are {len(pages)}, and {info.pages} were stored"
        ends = [page.start for page in pages[1:]] + [len(text)]
        for page, end in zip(pages, ends, strict=False):
            # Blocks that run on are joined in the one text and apart in the other, so that
            # footnotes and tables between them change places.
            if sorted(_squeezed(page.text)) != sorted(_squeezed(text[page.start : end])):
                yield f"page {page.number}", "does not read as its text"

    def _index(self) -> Iterator[Problem]:
        expected = self._store.keys()
        self._checked["passages_to_index"] = len(expected)
        if not len(expected) and self._keeper.manifest() is None:
            return
        found = self._keeper.checked(expected)
        self._checked["lexical"] = found.lexical
        self._checked["dense"] = found.dense
        if waiting := self._keeper.waiting():
            self._checked["passages_waiting"] = waiting
        for problem in found.problems:
            yield Problem(problem.code, problem.message, problem.code != IndexUnreachable.code)


def _squeezed(text: str) -> str:
    return "".join(text.split())
