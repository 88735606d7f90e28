"""CSV (RFC 4180), with the byte order mark that tells Excel the text is UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from kb.exporting.columns import Value, columns_of
from kb.exporting.digest import Digest
from kb.exporting.safe import csv_field


def digest_csv(digest: Digest) -> bytes:
    """Write quotes as rows, in order: an answer's markers name them by their place."""
    columns = columns_of(digest)
    header = ("序号", *(column.heading for column in columns), "链接")
    rows = (
        (place, *(column.value(quote) for column in columns), quote.link)
        for place, quote in enumerate(digest.quotes, 1)
    )
    return delimited(header, rows)


def delimited(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write rows under a header; no field is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([csv_field(name) for name in header])
    for row in rows:
        writer.writerow([_field(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def _field(value: Value) -> str:
    if value is None:
        return ""
    return csv_field(value) if isinstance(value, str) else str(value)
