"""Add files: hash, have them parsed elsewhere, store each as it comes, publish the index.

    select -> hash -> known? unchanged : parse -> keep original -> one transaction -> report
                                                                 index now and then, and at the end

A file is reported done only after its transaction is on disk. What a run that is cut short has
reported is in; its next run finds the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from ingest import FileProgress, FileResult, Limits, ParseOptions
from ingest import ocr_available as ocr_is_available
from ingest.executor import open_executor
from ingest.ministries import current_registry
from ingest.model import Document
from kb.documents import document_id_of, lacks_text, new_document
from kb.homes import Home
from kb.intake import IngestOptions, Job, failure, storable, success, suffix_of
from kb.originals import sha256_of
from kb.records import FileRecord, StoredFile
from kb.selecting import Selection
from kb.store.protocol import Store
from kb.types import (
    DocumentInfo,
    FileError,
    FileReport,
    FileStatus,
    IngestReport,
    OcrMode,
    Progress,
    ProgressListener,
    Stage,
)

# A long run is searchable this many seconds after it began, and again at such intervals; never
# more than a tenth of the time goes into publishing.
PUBLISH_EVERY = 30.0
PUBLISH_SHARE = 0.1
# Whoever has uploaded files looks on: the first is searchable as soon as it is read, and half of
# the time may go into publishing the others.
UPLOADS_EVERY = 2.0
UPLOADS_SHARE = 0.5

#: Begins what is said of a file that lies elsewhere, too.
HERE_ALREADY = "the same content is here already, as "

_STAGES: dict[str, Stage] = {
    "reading": "reading",
    "pages": "parsing",
    "ocr": "ocr",
    "structure": "parsing",
}
# Brings the index up to date, telling how many passages it has taken in so far.
Publish = Callable[[Callable[[int], None]], None]


class IngestRun:
    """One run over a selection of files; the caller holds the writer's lock."""

    def __init__(
        self,
        home: Home,
        publish: Publish,
        options: IngestOptions,
        on_progress: ProgressListener | None,
    ) -> None:
        self._store: Store = home.store
        self._originals = home.originals
        self._executor = open_executor(home.settings.executor)
        self._publish_index = publish
        self._unpublished = 0
        self._options = options
        self._listener = on_progress
        self._reports: list[FileReport] = []
        # What is in the store, and told of once it is in the index.
        self._holds = False
        self._held: list[FileReport] = []
        self._claimed: dict[str, Job] = {}
        self._jobs: dict[Path, Job] = {}
        self._unread: list[Job] = []
        self._total = 0
        self._publisher = _Pace()
        self._has_ocr = ocr_is_available()

    def run(self, selection: Selection) -> IngestReport:
        """Add the selected files, and report on every one and every argument without any."""
        jobs = [Job(path, storable(path.resolve()), storable(path)) for path in selection.files]
        return self._run(jobs, selection.missing)

    def run_uploads(self, jobs: Sequence[Job]) -> IngestReport:
        """Add files that are known by their names alone, each searchable soon after it is read.

        They are reported as soon as they are in the index, too: whoever uploads asks at once.
        """
        self._holds = True
        self._publisher = _Pace(UPLOADS_EVERY, UPLOADS_SHARE, due=time.monotonic())
        return self._run(jobs, ())

    def _run(self, jobs: Sequence[Job], missing: Sequence[tuple[str, str]]) -> IngestReport:
        self._total = len(jobs) + len(missing)
        for argument, message in missing:
            self._report(failure(argument, FileError("no-such-file", message)))
        two_passes = self._options.ocr == "auto" and self._has_ocr
        try:
            self._parse(self._new(jobs), "never" if two_passes else self._options.ocr)
            if self._unread:
                # Reading pictures takes seconds a page: the rest is searchable meanwhile.
                self._publish()
                unread, self._unread = self._unread, []
                self._parse(iter(unread), "auto")
        finally:
            self._publish()
        return IngestReport(tuple(self._reports))

    def _new(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Yield the files that must be parsed; report on the others."""
        for job in jobs:
            self._tell(job, "reading")
            try:
                job.sha256 = sha256_of(job.source)
            except OSError as error:
                reason = error.strerror or str(error)
                message = f"{job.shown} cannot be read: {reason}: check the path and permissions"
                self._fail(job, FileError("unreadable", message))
                continue
            twin = self._claimed.get(job.sha256)
            if twin is not None:
                twin.twins.append(job)
                continue
            stored = self._store.stored_file(document_id_of(job.sha256))
            known = stored is not None and stored.sha256 == job.sha256
            if stored is not None and known and not self._wants_again(stored):
                self._unchanged(job, stored)
                continue
            job.again = known
            self._claimed[job.sha256] = job
            yield job

    def _wants_again(self, stored: StoredFile) -> bool:
        if self._options.force or stored.outdated:
            return True
        better = self._options.ocr != "never" and stored.ocr == "never" and self._has_ocr
        return stored.partial and better

    def _parse(self, jobs: Iterator[Job], ocr: OcrMode) -> None:
        options = self._options
        parsing = ParseOptions(
            ocr=ocr,
            layout=options.layout,
            password=options.password,
            max_pages=options.max_pages,
            # A child process does not know what is in force here.
            registry=current_registry(),
        )
        results = self._executor.parse(
            self._paths(jobs),
            parsing,
            Limits(timeout=options.timeout),
            workers=options.workers,
            on_progress=self._moved,
        )
        with closing(results):
            for result in results:
                self._finish(self._jobs.pop(result.path), result, ocr)
                self._publisher.publish_if_due(self._publish)

    def _paths(self, jobs: Iterator[Job]) -> Iterator[Path]:
        for job in jobs:
            self._jobs[job.source] = job
            yield job.source

    def _finish(self, job: Job, result: FileResult, ocr: OcrMode) -> None:
        if result.error is not None or result.document is None:
            code = result.error.code if result.error else "unreadable"
            self._fail_or_keep(job, FileError(code, str(result.error)), result.seconds)
            return
        self._tell(job, "storing", len(result.document.pages))
        if not self._keep(job, result):
            return
        self._put(job, result.document, ocr, result.seconds)

    def _keep(self, job: Job, result: FileResult) -> bool:
        """Keep the original; False, and reported, if it is not what was parsed."""
        stored = self._store.stored_file(document_id_of(job.sha256))
        if stored is not None and stored.sha256 != job.sha256:
            message = f"{job.shown} has the id of another document: change a byte of it"
            self._fail(job, FileError("id-taken", message), result.seconds)
            return False
        kept = self._originals.put(job.source, suffix_of(job.path))
        if kept == result.sha256 == job.sha256:
            return True
        if self._store.stored_file(document_id_of(kept)) is None:
            self._originals.remove(kept, suffix_of(job.path))
        message = f"{job.shown} changed while it was being read: run the command again"
        self._fail(job, FileError("changed", message), result.seconds)
        return False

    def _put(self, job: Job, document: Document, ocr: OcrMode, seconds: float) -> None:
        started = time.monotonic()
        new = new_document(
            document,
            name=Path(job.path).name,
            sha256=job.sha256,
            suffix=suffix_of(job.path),
            ocr=ocr,
        )
        replaced = self._store.add(new, job.path, self._options.collection)
        self._unpublished += new.info.passages
        job.again = job.again or replaced is not None
        if ocr == "never" and self._options.ocr != "never" and lacks_text(document):
            job.stored = new.info
            self._unread.append(job)
            return
        status: FileStatus = "replaced" if job.again else "added"
        status = "partial" if new.partial else status
        elapsed = seconds + time.monotonic() - started
        self._succeed(job, new.info, status, new.info.warnings, elapsed)

    def _succeed(
        self,
        job: Job,
        info: DocumentInfo,
        status: FileStatus,
        warnings: tuple[str, ...],
        seconds: float,
    ) -> None:
        self._claimed.pop(job.sha256, None)
        report = success(job, info, status, warnings, seconds)
        if self._holds:
            self._held.append(report)
            self._tell(job, "indexing", info.pages, info.pages)
        else:
            self._report(report)
        for twin in job.twins:
            self._point(twin, info)

    def _unchanged(self, job: Job, stored: StoredFile) -> None:
        """Report a file whose content is here already, noting where else it is."""
        info = self._store.document(stored.document_id)
        if info is not None:
            self._point(job, info)

    def _point(self, job: Job, info: DocumentInfo) -> None:
        known = self._store.file(job.path)
        collection = self._options.collection
        same = (
            known is not None
            and known.document_id == info.document_id
            and known.collection == collection
        )
        warnings: tuple[str, ...] = ()
        if not same:
            paths = self._store.paths_of(info.document_id)
            others = (path for path in paths if path != job.path)
            warnings = tuple(f"{HERE_ALREADY}{path}" for path in others)[:1]
        replaced = None
        if not same or info.superseded_by is not None or (known and known.status == "failed"):
            replaced = self._store.point(job.path, info.document_id, collection)
        back = replaced is not None or info.superseded_by is not None
        self._report(success(job, info, "replaced" if back else "unchanged", warnings, 0.0))

    def _publish(self) -> None:
        """Publish the index, telling how many of the passages that are new it has taken in."""
        total, self._unpublished = self._unpublished, 0

        def indexed(count: int) -> None:
            if self._listener is not None and total:
                done = len(self._reports)
                at = min(count, total)
                self._listener(Progress("", "indexing", at, total, done, self._total))

        self._publish_index(indexed)
        held, self._held = self._held, []
        with ExitStack() as telling:
            # All of it is told, even where a listener wants to hear no more.
            for report in reversed(held):
                telling.callback(self._report, report)

    def _fail_or_keep(self, job: Job, error: FileError, seconds: float) -> None:
        """Report a failure; where only the second pass failed, the first one's text is in."""
        if job.stored is None:
            self._fail(job, error, seconds)
        else:
            warnings = (*job.stored.warnings, error.message)
            self._succeed(job, job.stored, "partial", warnings, seconds)

    def _fail(self, job: Job, error: FileError, seconds: float = 0.0) -> None:
        self._claimed.pop(job.sha256, None)
        known = self._store.file(job.path)
        self._store.record_failure(FileRecord(job.path, job.sha256 or None, None, "failed", error))
        if known is not None and known.document_id is not None:
            text = f"{error.message}; the version of it that is here stays"
            error = FileError(error.code, text)
        self._report(failure(job.shown, error, seconds))
        for twin in job.twins:
            self._fail(twin, error)

    def _moved(self, moved: FileProgress) -> None:
        job = self._jobs.get(moved.path)
        if job is not None:
            at = moved.progress
            self._tell(job, _STAGES[at.stage], at.page, at.pages)

    def _tell(self, job: Job, stage: Stage, page: int = 0, pages: int = 0) -> None:
        if self._listener is not None:
            done = len(self._reports)
            self._listener(Progress(job.shown, stage, page, pages or page, done, self._total))

    def _report(self, report: FileReport) -> None:
        self._reports.append(report)
        if self._listener is not None:
            pages, done = report.pages, len(self._reports)
            self._listener(Progress(report.path, "done", pages, pages, done, self._total, report))


@dataclass(slots=True)
class _Pace:
    """Decides when a run publishes on its way."""

    every: float = PUBLISH_EVERY
    share: float = PUBLISH_SHARE
    due: float = field(default_factory=lambda: time.monotonic() + PUBLISH_EVERY)

    def publish_if_due(self, publish: Callable[[], None]) -> None:
        started = time.monotonic()
        if started < self.due:
            return
        publish()
        now = time.monotonic()
        self.due = now + max(self.every, (now - started) / self.share)
