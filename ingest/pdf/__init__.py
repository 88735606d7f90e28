"""Read PDF files: geometry of the text layer into pages of blocks in human reading order."""

from ingest.pdf.reader import ranges, read_pdf

__all__ = ["ranges", "read_pdf"]
