"""Document text made safe for the formats it is written to: documents may hold anything."""

from __future__ import annotations

import re

# Legal in Python, but not in XML 1.0 (2.2) or not to be seen: controls other than tab and newline,
# half surrogates, two non-characters, and the signs that turn the direction of writing.
_UNPRINTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# A cell that begins so is a formula to spreadsheets (OWASP on CSV injection); Chinese and Japanese
# versions of Excel take the full-width signs too.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# What Excel reads as the code of a character (ECMA-376 part 1, 22.9.2.19, ST_Xstring).
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# Punctuation of Markdown wherever it stands, and what makes a link of a bare address.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~#$!&]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What makes a list or a rule of a line that begins with it.
_LINE_MARK = re.compile(r"^(\d{1,9}(?=[.)]))?(?=[-+=.)])")


def printed(text: str) -> str:
    """Return text without signs that cannot be printed, its lines ended by a newline."""
    return _UNPRINTED.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Return text on one line, without signs that cannot be printed."""
    return " ".join(printed(text).split())


def lines(text: str) -> list[str]:
    """Return the lines of a text that hold something, without space at their ends."""
    return [line.strip() for line in printed(text).split("\n") if line.strip()]


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet may take a cell for a formula; white space before it is passed."""
    return text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA if text else False


def csv_field(text: str) -> str:
    """Return text for a field of CSV: what might be a formula is text, after an apostrophe."""
    shown = printed(text)
    return f"'{shown}" if is_formula(shown) else shown


def excel_text(text: str, longest: int = 32_767) -> str:
    """Return text for a cell of a workbook, cut to `longest` UTF-16 units, Excel's limit."""
    shown = _CODED.sub("_x005F_", printed(text))
    units = shown.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return shown
    return units[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


def markdown(text: str) -> str:
    """Return one line of Markdown that reads as the text does: no markup, no link, no HTML."""
    escaped = _MARKDOWN.sub(lambda found: f"\\{found.group()}", one_line(text))
    return _LINE_MARK.sub(lambda found: f"{found.group()}\\", escaped)
