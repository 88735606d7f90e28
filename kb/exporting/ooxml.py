"""Elements of WordprocessingML: made directly, for thousands of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from kb.exporting.safe import printed

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML = "http://www.w3.org/XML/1998/namespace"
NONE: Final[Mapping[str, object]] = MappingProxyType({})
NAMESPACES = {"w": _W, "r": _R}


def qualified(name: str) -> str:
    """Return a name of WordprocessingML with its namespace."""
    return f"{{{_W}}}{name}"


def element(
    name: str, attributes: Mapping[str, object] = NONE, *children: etree._Element
) -> etree._Element:
    """Return an element with attributes and children, all of WordprocessingML."""
    made = etree.Element(qualified(name), nsmap=NAMESPACES)
    for attribute, value in attributes.items():
        made.set(qualified(attribute), str(value))
    made.extend(children)
    return made


def run(text: str, style: str | None = None) -> etree._Element:
    """Return text in a character style; a newline in it breaks the line."""
    properties = [element("rPr", {}, element("rStyle", {"val": style}))] if style else []
    made = element("r", {}, *properties)
    for at, line in enumerate(printed(text).replace("\t", " ").split("\n")):
        if at:
            made.append(element("br"))
        content = element("t")
        content.text = line
        content.set(f"{{{_XML}}}space", "preserve")
        made.append(content)
    return made


def linked(text: str, relation: str, style: str) -> etree._Element:
    """Return text that opens the address of a relationship, in a character style."""
    made = element("hyperlink", {}, run(text, style))
    made.set(f"{{{_R}}}id", relation)
    return made


def paragraph(style: str | None, *content: etree._Element) -> etree._Element:
    """Return a paragraph in a paragraph style."""
    properties = [element("pPr", {}, element("pStyle", {"val": style}))] if style else []
    return element("p", {}, *properties, *content)
