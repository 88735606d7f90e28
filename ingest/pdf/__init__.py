"""Read PDF files: geometry of the text layer into pages of blocks in human reading order."""

from ingest.pdf.reader import read_pdf

__all__ = ["read_pdf"]
