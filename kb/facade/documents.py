"""Documents: added, listed, shown, removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kb import library
from kb.errors import FileProblem, NotFound
from kb.facade.base import Opened
from kb.intake import suffix_of
from kb.seams import errors_mapped
from kb.types import (
    NO_FILTERS,
    Box,
    DocumentInfo,
    FileReport,
    Filters,
    IngestReport,
    LayoutMode,
    OcrMode,
    PageText,
    ProgressListener,
    Relation,
    Sentence,
)

if TYPE_CHECKING:
    from kb.parsing import ParsedFile


class Documents(Opened):
    """The documents of a knowledge base."""

    @errors_mapped()
    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        ocr: OcrMode | None = None,
        layout: LayoutMode | None = None,
        workers: int | None = None,
        timeout: float | None = None,
        password: str | None = None,
        force: bool = False,
        collection: str = "",
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Add files, folders (recursively) and globs; every file has its own status and error.

        `ocr`, `layout`, `workers` and `timeout` (seconds for one file) default to the settings;
        `force` reads files again that are here already; `collection` is what they are filed under,
        anew where they are here already. `on_progress` is called in this thread.
        KeyboardInterrupt leaves everything reported done in the store and the index, and goes on.
        """
        from kb.ingesting import ingest_paths
        from kb.intake import IngestOptions

        self._check_writable()
        settings = self._home.settings
        options = IngestOptions.of(
            settings, ocr, workers, timeout, password, force, layout, collection
        )
        return ingest_paths(self._home, self._keeper, paths, options, on_progress)

    @errors_mapped()
    def ingest_bytes(
        self,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode | None = None,
        timeout: float | None = None,
        password: str | None = None,
        collection: str = "",
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add one uploaded file; an earlier one of that name in its collection is replaced."""
        from kb.ingesting import ingest_upload
        from kb.intake import IngestOptions

        self._check_writable()
        options = IngestOptions.of(
            self._home.settings, ocr, 1, timeout, password, collection=collection
        )
        return ingest_upload(self._home, self._keeper, name, data, options, on_progress)

    @errors_mapped()
    def ingest_uploads(
        self,
        uploads: Sequence[tuple[str, Path]],
        *,
        ocr: OcrMode | None = None,
        timeout: float | None = None,
        collection: str = "",
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Add uploaded files, each a name and where its bytes are, in one run.

        As `ingest_bytes` for each; InvalidInput, and none added, where a name is none.
        """
        from kb.ingesting import ingest_uploads
        from kb.intake import IngestOptions

        self._check_writable()
        options = IngestOptions.of(
            self._home.settings, ocr, None, timeout, None, collection=collection
        )
        return ingest_uploads(self._home, self._keeper, uploads, options, on_progress)

    @errors_mapped()
    def reread(
        self,
        *,
        workers: int | None = None,
        timeout: float | None = None,
        password: str | None = None,
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Read again, from the originals kept here, what an older version of policykb has read.

        Such documents lack what is read from them by now. Options as for `ingest`.
        """
        from kb.intake import IngestOptions
        from kb.rereading import reread

        self._check_writable()
        options = IngestOptions.of(self._home.settings, None, workers, timeout, password)
        return reread(self._home, self._keeper, options, on_progress)

    @errors_mapped()
    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> tuple[DocumentInfo, ...]:
        """Return the documents, newest first; replaced versions too where asked."""
        return tuple(self._home.store.documents(filters, replaced=replaced))

    @errors_mapped()
    def document(self, document_id: str) -> DocumentInfo:
        """Return one document; NotFound."""
        return library.document(self._home.store, document_id)

    @errors_mapped()
    def lineage(self, document_id: str) -> tuple[Relation, ...]:
        """Return what a document says of others, then what others here say of it; NotFound.

        Each word by itself, in the order it is written; what is not here is named.
        """
        self.document(document_id)
        return self._home.store.relations(document_id)

    @errors_mapped()
    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Remove documents from the store and every index; returns their ids.

        NotFound, and none removed, when one of them is not here. They answer no more from the
        moment their rows are gone; the indexes are cleaned after.
        """
        self._check_writable()
        return library.remove(self._home, self._keeper, document_ids)

    @errors_mapped()
    def page_text(self, document_id: str, page: int) -> PageText:
        """Return a page's running text; NotFound."""
        return library.page_text(self._home.store, document_id, page)

    @errors_mapped()
    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[Box] = ()
    ) -> bytes:
        """Return a page drawn as PNG, `highlights` marked on it; `scale` is pixels per point.

        NotFound; FileProblem where the format has no pages to draw.
        """
        return library.page_image(self._home, document_id, page, scale=scale, highlights=highlights)

    @errors_mapped()
    def passage_boxes(self, passage_id: str) -> tuple[Box, ...]:
        """Return where a passage is printed; NotFound."""
        passage = self._home.store.passage(passage_id)
        if passage is None:
            raise NotFound(f"there is no passage {passage_id!r} here: search for it again")
        return passage.boxes

    @errors_mapped()
    def quote_boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return where the characters `[start, end)` of a document are printed; NotFound."""
        self.document(document_id)
        return self._home.store.boxes(document_id, start, end)

    @errors_mapped()
    def sentence_at(self, document_id: str, start: int, end: int) -> Sentence:
        """Return the sentence that the characters `[start, end)` of a document stand in; NotFound.

        InvalidInput for what is no stretch of its text.
        """
        return library.sentence_at(self._home.store, document_id, start, end)

    @errors_mapped()
    def parsed(self, document_id: str) -> ParsedFile:
        """Read a document's original again; return its pages, blocks and all; NotFound.

        That takes as long as reading it did. FileProblem where it cannot be read any more.
        """
        from kb.parsing import parse_file

        name, data = library.original(self._home, document_id)
        with TemporaryDirectory(prefix="policykb-") as folder:
            source = Path(folder) / f"original{suffix_of(name)}"
            source.write_bytes(data)
            try:
                return parse_file(source, timeout=self._home.settings.timeout)
            except FileProblem as error:
                # Where it lay here is nobody's business.
                message = error.message.replace(str(source), name)
                raise FileProblem(message, code=error.code) from None

    @errors_mapped()
    def original(self, document_id: str) -> tuple[str, bytes]:
        """Return a document's file name and bytes as they were added; NotFound."""
        return library.original(self._home, document_id)
