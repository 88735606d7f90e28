"""What was found, as files for Excel, Word and other programs."""

from kb.exporting.kinds import KINDS, MEDIA_TYPES, ExportKind, kind_of
from kb.exporting.links import Link, local_links, permalinks
from kb.exporting.writing import (
    MATRIX_KINDS,
    Exportable,
    exported,
    linked_export,
    write_file,
)

__all__ = [
    "KINDS",
    "MATRIX_KINDS",
    "MEDIA_TYPES",
    "ExportKind",
    "Exportable",
    "Link",
    "exported",
    "kind_of",
    "linked_export",
    "local_links",
    "permalinks",
    "write_file",
]
