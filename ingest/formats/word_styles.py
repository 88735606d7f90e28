"""Paragraph styles of a Word document: what each style makes of its paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from ingest.formats.word_xml import attribute, child, children, on, value_of

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.I)
_TOC = re.compile(r"(?:toc|目录)\s*\d*$|toc heading$", re.I)
_NO_OUTLINE = 9


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph is by its style and its own properties."""

    name: str = ""
    level: int | None = None
    list_id: str | None = None
    depth: int | None = None
    centered: bool | None = None
    size: float | None = None
    hidden: bool = False

    @property
    def is_toc(self) -> bool:
        """Tell whether this is a style of tables of contents."""
        return _TOC.match(self.name) is not None

    @property
    def is_title(self) -> bool:
        """Tell whether this is the built-in title style."""
        return self.name.lower() in {"title", "标题", "文章标题", "公文标题"}

    @property
    def is_caption(self) -> bool:
        """Tell whether this is the built-in caption style."""
        return self.name.lower() in {"caption", "题注"}

    def under(self, base: Style) -> Style:
        """Return this style with what it leaves open taken from `base`."""
        return Style(
            self.name or base.name,
            base.level if self.level is None else self.level,
            base.list_id if self.list_id is None else self.list_id,
            base.depth if self.depth is None else self.depth,
            base.centered if self.centered is None else self.centered,
            base.size if self.size is None else self.size,
            self.hidden or base.hidden,
        )


class Styles:
    """The styles of styles.xml, each with what it inherits."""

    def __init__(self, root: etree._Element | None) -> None:
        """Read styles.xml; None (no such part) leaves every paragraph plain."""
        self._raw: dict[str, tuple[Style, str]] = {}
        self._done: dict[str, Style] = {}
        self._default = Style()
        defaults = child(root, "docDefaults", "rPrDefault", "rPr")
        self._document = Style(size=_size(defaults))
        for element in children(root, "style"):
            if attribute(element, "type") != "paragraph":
                continue
            identity = attribute(element, "styleId")
            own = _named(element)
            self._raw[identity] = (own, value_of(element, "basedOn"))
            if attribute(element, "default") in {"1", "true"}:
                self._default = own

    def of(self, paragraph: etree._Element) -> Style:
        """Return a paragraph's style with its own properties over it."""
        properties = child(paragraph, "pPr")
        style = self.named(value_of(properties, "pStyle"))
        return _direct(properties).under(style)

    def named(self, identity: str) -> Style:
        """Return a style by id, with what it inherits."""
        if identity not in self._done:
            chain: list[Style] = []
            seen: set[str] = set()
            at = identity
            while at in self._raw and at not in seen:
                seen.add(at)
                own, at_next = self._raw[at]
                chain.append(own)
                at = at_next
            style = self._document if chain else self._default.under(self._document)
            for own in reversed(chain):
                style = own.under(style)
            self._done[identity] = style
        return self._done[identity]


def _named(element: etree._Element) -> Style:
    name = value_of(element, "name")
    own = _direct(child(element, "pPr"), child(element, "rPr"))
    found = _HEADING.match(name)
    level = int(found.group(1)) if found and own.level is None else own.level
    return Style(name, level, own.list_id, own.depth, own.centered, own.size, own.hidden)


def _direct(properties: etree._Element | None, run: etree._Element | None = None) -> Style:
    outline = value_of(properties, "outlineLvl")
    level = int(outline) + 1 if outline.isdecimal() and int(outline) < _NO_OUTLINE else None
    numbered = child(properties, "numPr")
    depth = value_of(numbered, "ilvl")
    justified = value_of(properties, "jc")
    return Style(
        level=level,
        list_id=value_of(numbered, "numId") or None,
        depth=int(depth) if depth.isdecimal() else None,
        centered=justified == "center" if justified else None,
        size=_size(run),
        hidden=on(child(run, "vanish")),
    )


def _size(run: etree._Element | None) -> float | None:
    half_points = value_of(run, "sz")
    return int(half_points) / 2 if half_points.isdecimal() else None
