"""Read documents again from the originals kept here: what an older version read, what decayed.

What they say is stored anew; where they lie, when they were added and what replaced them stay. Each
is one transaction, so that a run that is cut short goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast, get_args

from ingest import FileResult, Limits, ParseOptions
from ingest.executor import open_executor
from ingest.ministries import current_registry
from kb.documents import new_document
from kb.errors import NotFound
from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.intake import IngestOptions
from kb.originals import ALTERED, Originals
from kb.records import StoredFile
from kb.store.retry import patient
from kb.types import FileError, FileReport, IngestReport, OcrMode, Progress, ProgressListener


def reread(
    home: Home,
    keeper: IndexKeeper,
    options: IngestOptions,
    on_progress: ProgressListener | None = None,
) -> IngestReport:
    """Read every document again that lacks facts, as it was read before, and publish the index.

    Those too of which something has decayed in the database.
    """
    with patient(), home.lock.held():
        keeper.check()
        stored = home.store.stored_files()
        wanted = [file for file in stored if file.outdated or home.store.altered(file.document_id)]
        reports: list[FileReport] = []
        try:
            for mode in get_args(OcrMode):
                files = [file for file in wanted if _mode(file) == mode]
                for report in _read(home, files, mode, options):
                    reports.append(report)
                    if on_progress is not None:
                        done, total = len(reports), len(wanted)
                        pages = report.pages
                        on_progress(
                            Progress(report.path, "done", pages, pages, done, total, report)
                        )
        finally:
            keeper.publish()
        return IngestReport(tuple(reports))


def _mode(file: StoredFile) -> OcrMode:
    """Return how a document was read; as a new one is where that has decayed."""
    return cast("OcrMode", file.ocr) if file.ocr in get_args(OcrMode) else "auto"


def _read(
    home: Home, files: Sequence[StoredFile], ocr: OcrMode, options: IngestOptions
) -> Iterator[FileReport]:
    parsing = ParseOptions(
        ocr=ocr,
        layout=options.layout,
        password=options.password,
        max_pages=options.max_pages,
        # A child process does not know what is in force here.
        registry=current_registry(),
    )
    with home.work_folder() as folder:
        laid = _Laid(folder, home.originals)
        limits = Limits(timeout=options.timeout)
        executor = open_executor(home.settings.executor)
        results = executor.parse(laid.out(files), parsing, limits, workers=options.workers)
        with closing(results):
            for result in results:
                yield _stored(home, laid.take(result.path), result, ocr)
        for file, error in laid.lost:
            yield _failed(file, error, 0.0)


class _Laid:
    """Originals laid out as files under their own names, each for as long as it is being read."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self._folder = folder
        self._originals = originals
        self._files: dict[Path, StoredFile] = {}
        self.lost: list[tuple[StoredFile, FileError]] = []

    def out(self, files: Sequence[StoredFile]) -> Iterator[Path]:
        """Lay files out, one as each is asked for; what storage has lost or altered is noted."""
        for file in files:
            try:
                data = self._originals.read(file.sha256, file.suffix)
            except NotFound as error:
                code = error.code if error.code == ALTERED else "original-missing"
                self.lost.append((file, FileError(code, error.message)))
                continue
            # The name may be all that says what a document is called.
            path = self._folder / file.document_id / Path(file.name).name
            path.parent.mkdir()
            path.write_bytes(data)
            self._files[path] = file
            yield path

    def take(self, path: Path) -> StoredFile:
        """Remove a file that has been read."""
        path.unlink()
        return self._files.pop(path)


def _stored(home: Home, file: StoredFile, result: FileResult, ocr: OcrMode) -> FileReport:
    if result.error is not None or result.document is None:
        code = result.error.code if result.error else "unreadable"
        return _failed(file, FileError(code, str(result.error)), result.seconds)
    if result.sha256 != file.sha256:
        message = f"the original of {file.name} is altered: ingest the file again"
        return _failed(file, FileError(ALTERED, message), result.seconds)
    new = new_document(
        result.document, name=file.name, sha256=file.sha256, suffix=file.suffix, ocr=ocr
    )
    home.store.refresh(new)
    return FileReport(
        path=file.name,
        document_id=file.document_id,
        status="partial" if new.partial else "replaced",
        pages=new.info.pages,
        passages=new.info.passages,
        seconds=result.seconds,
        warnings=new.info.warnings,
    )


def _failed(file: StoredFile, error: FileError, seconds: float) -> FileReport:
    return FileReport(file.name, file.document_id, "failed", 0, 0, seconds, (), error)
