"""Two versions side by side as one web page.

The page is whole in itself: style is in it, it runs no script, and a content security policy keeps
it from loading anything. Document text is escaped wherever it stands. Printed, it keeps clauses
whole and shows differences without colour as well.
"""

from __future__ import annotations

import html
import unicodedata
from importlib import resources

from kb.comparing.types import Change, ChangeStatus, ComparedClause, ComparedDocument, Diff

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LABELS: dict[ChangeStatus, str] = {
    "added": "added",
    "removed": "removed",
    "moved": "moved",
    "changed": "changed",
    "moved+changed": "moved and changed",
    "unchanged": "unchanged",
}


def diff_page(diff: Diff) -> str:
    """Return a comparison as one HTML document."""
    style = resources.files("kb.comparing").joinpath("page.css").read_text("utf-8")
    rows = "\n".join(map(_row, diff.changes))
    counts = "".join(
        f'<li class="{_class(status)}">{label} <b>{diff.counts[status]:,}</b></li>'
        for status, label in _LABELS.items()
    )
    return (
        '<!doctype html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(diff.old.title)} — {_safe(diff.new.title)}</title>\n"
        f"<style>\n{style}</style>\n</head>\n<body>\n"
        f'<ul class="counts">{counts}</ul>\n'
        f"<table>\n<thead><tr><th>status</th>{_head(diff.old)}{_head(diff.new)}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def _head(document: ComparedDocument) -> str:
    number = document.document_number
    note = f"{number} · {document.name}" if number else document.name
    return f'<th>{_safe(document.title)}<span class="note">{_safe(note)}</span></th>'


def _row(change: Change) -> str:
    old = "".join(_marked("del", word.op, word.old) for word in change.words)
    new = "".join(_marked("ins", word.op, word.new) for word in change.words)
    return (
        f'<tr class="{_class(change.status)}"><td>{_LABELS[change.status]}</td>'
        f"{_cell(change.old, old)}{_cell(change.new, new)}</tr>"
    )


def _cell(clause: ComparedClause | None, text: str) -> str:
    if clause is None:
        return "<td></td>"
    path = " › ".join(clause.heading_path)
    place = f"page {clause.page}" + (f" · {_safe(path)}" if path else "")
    return f'<td><span class="note">{place}</span><div class="words">{text}</div></td>'


def _marked(tag: str, op: str, text: str) -> str:
    if not text:
        return ""
    return _safe(text) if op == "equal" else f"<{tag}>{_safe(text)}</{tag}>"


def _class(status: ChangeStatus) -> str:
    return status.replace("+", " ")


def _safe(text: str) -> str:
    """Escape document text; control characters and those that turn its direction become spaces."""
    plain = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else " "
        for char in text
    )
    return html.escape(plain, quote=True)
