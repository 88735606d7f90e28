"""Footnotes of a Word document, which python-docx 1.2 does not write.

The part and its separators are those of ECMA-376 part 1, 11.3.7 and 17.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from kb.exporting.ooxml import NAMESPACES, element, linked, paragraph, qualified, run
from kb.exporting.wordstyles import FOOTNOTE_STYLE, LINK_STYLE, MARK_STYLE

if TYPE_CHECKING:
    from docx.document import Document

_SEPARATORS = ((-1, "separator"), (0, "continuationSeparator"))
#: What stands after `footnotePr` in the settings (ECMA-376 part 1, 17.15.1.78).
_AFTER = ("endnotePr", "compat", "docVars", "rsids", "mathPr", "themeFontLang", "clrSchemeMapping")


class Footnotes:
    """Collects footnotes and attaches them to a document at the end."""

    def __init__(self) -> None:
        self._root = etree.Element(qualified("footnotes"), nsmap=NAMESPACES)
        self._links: dict[str, str] = {}
        self._count = 0
        for number, kind in _SEPARATORS:
            note = element("footnote", {"id": number, "type": kind})
            note.append(paragraph(None, element("r", {}, element(kind))))
            self._root.append(note)

    def add(self, text: str, link: str | None = None) -> etree._Element:
        """Add a footnote, its text linked where there is a link; return what refers to it."""
        self._count += 1
        content = run(text) if link is None else linked(text, self._relation(link), LINK_STYLE)
        note = paragraph(FOOTNOTE_STYLE, _mark(element("footnoteRef")), run(" "), content)
        self._root.append(element("footnote", {"id": self._count}, note))
        return _mark(element("footnoteReference", {"id": self._count}))

    def attach(self, document: Document) -> None:
        """Make the footnotes a part of the document."""
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        blob = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        name = PackURI("/word/footnotes.xml")
        part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
        for link, relation in self._links.items():
            part.load_rel(RELATIONSHIP_TYPE.HYPERLINK, link, relation, is_external=True)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        separators = (element("footnote", {"id": number}) for number, _ in _SEPARATORS)
        settings = document.settings.element
        settings.insert_element_before(
            element("footnotePr", {}, *separators), *(f"w:{name}" for name in _AFTER)
        )

    def _relation(self, link: str) -> str:
        return self._links.setdefault(link, f"rId{len(self._links) + 1}")


def _mark(sign: etree._Element) -> etree._Element:
    return element("r", {}, element("rPr", {}, element("rStyle", {"val": MARK_STYLE})), sign)
