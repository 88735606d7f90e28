"""Results written as files: whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Final, TypeAlias

from kb.errors import InvalidInput
from kb.exporting.digest import Digest, Gatherer, Lookup
from kb.exporting.kinds import KINDS, ExportKind
from kb.exporting.links import Link, permalinks
from kb.matrix import Matrix
from kb.seams import errors_mapped
from kb.types import Answer, ClauseList, SearchResult

Exportable: TypeAlias = ClauseList | SearchResult | Answer | Matrix
#: A matrix makes no Word document.
MATRIX_KINDS: Final[tuple[ExportKind, ...]] = ("xlsx", "csv", "md")


def exported(found: Exportable, kind: ExportKind, lookup: Lookup, link: Link) -> bytes:
    """Return a result as a file of some kind; InvalidInput where there is no such kind.

    `lookup` finds a document by its id, or raises NotFound.
    """
    gatherer = Gatherer(lookup, link)
    match found:
        case Matrix():
            return _matrix(found, kind, gatherer)
        case Answer():
            digest = gatherer.of_answer(found)
        case SearchResult():
            digest = gatherer.of_hits(found)
        case _:
            digest = gatherer.of_clauses(found)
    return _written(digest, kind)


@errors_mapped()
def linked_export(found: Exportable, kind: ExportKind, lookup: Lookup, base_url: str) -> bytes:
    """Return a result as a file whose links are those of a server; as `exported`.

    For what was found elsewhere than in a knowledge base of this process. InvalidInput where
    `base_url` is no address.
    """
    return exported(found, kind, lookup, permalinks(base_url))


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole: what was at `path` stays until it can be replaced at once."""
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with draft.open("xb") as writer:
            writer.write(data)
            writer.flush()
            os.fsync(writer.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _written(digest: Digest, kind: ExportKind) -> bytes:
    match kind:
        case "xlsx":
            from kb.exporting.workbook import digest_workbook

            return digest_workbook(digest)
        case "docx":
            from kb.exporting.word import digest_document

            return digest_document(digest)
        case "csv":
            from kb.exporting.delimited import digest_csv

            return digest_csv(digest)
        case "md":
            from kb.exporting.prose import digest_markdown

            return digest_markdown(digest)
    raise _no_such(kind, KINDS)


def _matrix(matrix: Matrix, kind: ExportKind, gatherer: Gatherer) -> bytes:
    from kb.exporting import grid

    match kind:
        case "xlsx":
            return grid.matrix_workbook(matrix, gatherer)
        case "csv":
            return grid.matrix_csv(matrix)
        case "md":
            return grid.matrix_markdown(matrix)
        case _:
            raise _no_such(kind, MATRIX_KINDS)


def _no_such(kind: str, kinds: tuple[ExportKind, ...]) -> InvalidInput:
    return InvalidInput(f"{kind!r} is not one of {', '.join(kinds)}", field="kind")
