"""One clause as a web page that is whole in itself.

It runs no script and loads nothing: the pages' pictures are in it, and the content security policy
allows its own style, by its hash, and such pictures only. Document text is escaped wherever it
stands.
"""

from __future__ import annotations

import base64
import hashlib
import html
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from kb import DocumentInfo
from ui.api.clauses import ClauseShown

Language = Literal["zh", "en"]
STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
WORDS: dict[str, tuple[str, str]] = {
    "lead": ("牵头", "Lead"),
    "joint": ("分工负责", "Joint"),
    "participant": ("参与", "Participant"),
    "implicit": ("未点名", "not named"),
    "obligation": ("要求", "Obligation"),
    "must": ("应当", "must"),
    "must-not": ("不得", "must not"),
    "encourage": ("鼓励支持", "encourage"),
    "explore": ("探索研究", "explore"),
    "deadlines": ("时限", "Deadlines"),
    "reference": ("引用格式", "Reference"),
    "page": ("第 {} 页", "Page {}"),
    "document": ("下载原件", "Download the document"),
    "also": ("另见于", "Also in"),
    "json": ("供程序读取（JSON）", "For programs (JSON)"),
    "missing": ("没有这一条", "There is no such clause"),
    "hint": (
        "编号写错了，或者文件已从文库删除。",
        "The id is mistyped, or the document was removed.",
    ),
}


class Picture(NamedTuple):
    """A page as PNG, the clause marked."""

    page: int
    png: bytes


def clause_page(
    clause: ClauseShown, document: DocumentInfo, pictures: Sequence[Picture], language: Language
) -> str:
    """Return a clause, where it stands and how to refer to it, as one HTML document."""

    def say(key: str, *values: object) -> str:
        return words(key, language, *values)

    original = f"/v1/documents/{quote(document.document_id, safe='')}/original"
    also = "、".join(
        f'<a href="{safe(clause.permalink)}?document={quote(other)}">{safe(other)}</a>'
        for other in clause.also_in
    )
    facts = (
        *_bodies(clause, language),
        (say("obligation"), safe("、".join(map(say, clause.obligations)))),
        (say("deadlines"), safe("；".join(f"{d.due}（{d.as_written}）" for d in clause.deadlines))),
        (say("reference"), f'<span class="whole">{safe(clause.reference)}</span>'),
        (say("also"), also),
    )
    number = safe(clause.number or say("page", clause.page))
    figures = "".join(_figure(each, say("page", each.page)) for each in pictures)
    body = (
        f'<p class="where">{_path(clause.heading_path)}</p>\n'
        f"<h1>{number}　{safe(document.title)}</h1>\n"
        f'<blockquote class="text">{safe(clause.text)}</blockquote>\n'
        f"<dl>{_rows(facts)}</dl>\n{figures}"
        f'<footer><a href="{original}">{say("document")}</a> · '
        f'<a href="/v1/clauses/{quote(clause.clause_id, safe="")}">{say("json")}</a></footer>'
    )
    return _whole(f"{clause.number} {document.title}", body, language)


def missing_page(message: str, language: Language) -> str:
    """Return the page for a clause that is not here."""
    said = words("missing", language)
    body = (
        f'<h1>{said}</h1>\n<p>{words("hint", language)}</p>\n<p class="where">{safe(message)}</p>'
    )
    return _whole(said, body, language)


def words(key: str, language: Language, *values: object) -> str:
    """Return the words for `key`."""
    return WORDS[key][language == "en"].format(*values)


def safe(text: str) -> str:
    """Escape document text; control characters and those that turn its direction become spaces."""
    plain = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else " "
        for char in text
    )
    return html.escape(plain, quote=True)


def _bodies(clause: ClauseShown, language: Language) -> Iterable[tuple[str, str]]:
    for role in ("lead", "joint", "participant"):
        named = []
        for body in clause.responsibility:
            if body.role == role:
                notes = [body.as_written] if body.as_written != body.ministry else []
                notes += [words("implicit", language)] if body.implicit else []
                named.append(body.ministry + (f"（{'，'.join(notes)}）" if notes else ""))
        yield words(role, language), safe("、".join(named))


def _rows(facts: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in facts if value)


def _path(headings: Sequence[str]) -> str:
    return " › ".join(map(safe, headings))


def _figure(picture: Picture, caption: str) -> str:
    data = base64.b64encode(picture.png).decode()
    return (
        f'<figure><img alt="{caption}" src="data:image/png;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>\n"
    )


def _whole(title: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title.strip())}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
