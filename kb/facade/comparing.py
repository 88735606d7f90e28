"""Comparing: two versions with each other, a draft with what it quotes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kb.facade.base import Opened
from kb.seams import errors_mapped

if TYPE_CHECKING:
    from kb.comparing.types import Diff, DraftCheck, Upload


class Comparing(Opened):
    """What a knowledge base says of versions and drafts; nothing compared is kept."""

    @errors_mapped()
    def diff(self, old: str | Path | Upload, new: str | Path | Upload) -> Diff:
        """Compare two versions clause by clause.

        Of each, a `str` is the id of a document here (NotFound where there is none) and never a
        path; a `Path` is a file on this disk, an `Upload` a file's name and bytes: FileProblem
        where it cannot be read.
        """
        from kb.comparing.diff import compare
        from kb.comparing.sources import source_of

        store = self._home.store
        return compare(source_of(old, store), source_of(new, store))

    @errors_mapped()
    def check(self, draft: str | Path | Upload) -> DraftCheck:
        """Say of every quotation, title and document number in a draft whether it is right.

        `draft` is given as to `diff`; a document that is here is checked against the others.
        """
        from kb.comparing.check import check
        from kb.comparing.sources import source_of

        return check(self.context, source_of(draft, self._home.store))
