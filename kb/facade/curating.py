"""Curating: facts corrected, versions replaced, documents by collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import DocumentInfo, FileReport, OcrMode, ProgressListener

if TYPE_CHECKING:
    from kb.curating import CorrectedField, Correction, Fact, Neighbour


class Curating(Opened):
    """What people put right in a knowledge base."""

    @errors_mapped()
    def correct(self, document_id: str, changes: Mapping[CorrectedField, Fact]) -> DocumentInfo:
        """Correct facts of a document, what was read there being kept; returns it as it is now.

        Fields are title, document_number, issuers, issued_on and document_type; one set to what
        was read is no correction any more. Corrections stay when the file is read again. NotFound;
        InvalidInput names the field that is wrong.
        """
        from kb import curating, library

        self._check_writable()
        self._check_whole()
        facts = curating.stored_facts(changes)
        with self._home.lock.held():
            self._home.store.correct(document_id, facts)
            self._keeper.publish_if_possible()
        return library.document(self._home.store, document_id)

    @errors_mapped()
    def corrections(self, document_id: str) -> tuple[Correction, ...]:
        """Return the facts of a document that were corrected, and what was read there; NotFound."""
        from kb import curating, library

        library.document(self._home.store, document_id)
        return curating.corrections(self._home.store.corrections(document_id))

    @errors_mapped()
    def replace(
        self,
        document_id: str,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode | None = None,
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add an uploaded file as the new version of a document, in its place and collection.

        The old version is kept, and compared by `diff`. NotFound; InvalidInput where the file is
        of another kind.
        """
        from kb.curating import replace_document
        from kb.intake import IngestOptions

        self._check_writable()
        self._check_whole()
        options = IngestOptions.of(self._home.settings, ocr, 1, None, None)
        upload = name, data
        return replace_document(self._home, self._keeper, document_id, upload, options, on_progress)

    @errors_mapped()
    def collections(self) -> dict[str, int]:
        """Return the collections, each with how many documents are in it; "" is that of no name."""
        return self._home.store.collections()

    @errors_mapped()
    def neighbours(
        self, passage_id: str, *, before: int = 1, after: int = 1
    ) -> tuple[Neighbour, ...]:
        """Return the passages around one, in their order; NotFound, InvalidInput for a count."""
        from kb.curating import neighbours

        return neighbours(self._home.store, passage_id, before, after)
