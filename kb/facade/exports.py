"""Taking results away: the matrix, references, files for Excel, Word and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kb import library
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import NO_FILTERS, DocumentInfo, Filters

if TYPE_CHECKING:
    from kb.bibliography import Style
    from kb.exporting import Exportable, ExportKind
    from kb.matrix import Matrix


class Exports(Opened):
    """What a knowledge base gives away."""

    @property
    def public_url(self) -> str:
        """Where others reach the service, as the settings say; empty where they do not."""
        return self._home.settings.public_url.rstrip("/")

    @errors_mapped()
    def matrix(self, filters: Filters = NO_FILTERS) -> Matrix:
        """Return which body has which part in which clause, of the clauses that filters leave.

        With a ministry in the filters, the clauses that make it responsible, and all their bodies.
        """
        from kb.matrix import matrix_of
        from kb.parsing import clause_info

        library.check_filters(self._home.store, filters)
        return matrix_of(map(clause_info, self._home.store.clauses(filters)))

    @errors_mapped()
    def reference(
        self,
        document_id: str,
        *,
        page: int | None = None,
        clause: str | None = None,
        style: Style = "gbt7714",
    ) -> str:
        """Return a reference to a document, or to a page or clause of it, as lists of sources want.

        A clause is named in any form, as 6, 第六条 or （六）, and gives its page where there is one
        clause of that number. NotFound for what the document does not have; InvalidInput for a
        style that is none of gbt7714 (GB/T 7714—2015), bibtex, plain.
        """
        from kb.bibliography import reference

        info = self._document(document_id)
        if page is not None:
            library.page_text(self._home.store, document_id, page)
        if clause is not None:
            page, clause = library.clause_place(self._home.store, document_id, clause, page)
        return reference(info, page, clause, style)

    @errors_mapped()
    def exported(
        self, found: Exportable, kind: ExportKind, *, base_url: str | None = None
    ) -> bytes:
        """Return clauses, passages, an answer or a matrix as a file: xlsx, docx, csv or md.

        Links are those of a server at `base_url`, by default at the setting `public_url`; with
        neither, they open the files that were added, where they are still on this machine.
        InvalidInput for another kind or no address of a server; NotFound where a document was
        removed since.
        """
        from kb.exporting import exported, local_links, permalinks

        address = self.public_url or None if base_url is None else base_url
        link = local_links() if address is None else permalinks(address)
        return exported(found, kind, self._document, link)

    @errors_mapped()
    def export(self, found: Exportable, path: str | Path, *, base_url: str | None = None) -> None:
        """Write what `exported` returns to a file, whose suffix says the kind.

        A file that is there is replaced, and stays as it was if anything fails.
        """
        from kb.exporting import kind_of, write_file

        target = Path(path)
        write_file(target, self.exported(found, kind_of(target), base_url=base_url))

    def _document(self, document_id: str) -> DocumentInfo:
        return library.document(self._home.store, document_id)
