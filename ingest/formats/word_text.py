"""The text of a Word paragraph: its runs as a reader sees them."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from ingest.formats.word_xml import attribute, child, local, on, value_of

_SKIPPED_TEXT = (
    # Fallback repeats what Choice shows; pPr and rPr hold no text; the rest is deleted text,
    # field code and alternatives to what is shown.
    "Fallback pPr del moveFrom delText instrText delInstrText rt sdtPr sdtEndPr"
)
_SKIPPED = frozenset(_SKIPPED_TEXT.split())
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


@dataclass(slots=True)
class RunText:
    """A paragraph's text, the text boxes anchored in it, and its first run's size in points."""

    text: str
    boxes: list[etree._Element]
    size: float | None


@dataclass(slots=True)
class RunReader:
    """Reads paragraphs; remembers the notes referred to, and counts pictures and objects."""

    images: int = 0
    embedded: int = 0
    notes: dict[str, list[str]] = field(default_factory=lambda: {"footnote": [], "endnote": []})

    def read(self, paragraph: etree._Element) -> RunText:
        """Return the text of a paragraph. Line breaks in it become newlines."""
        found = RunText("", [], None)
        parts: list[str] = []
        pending = list(reversed(paragraph))
        while pending:
            node = pending.pop()
            name = local(node)
            if name in _SKIPPED or not name:
                continue
            if name == "r":
                if on(child(node, "rPr", "vanish")):
                    continue
                size = value_of(node, "rPr", "sz")
                if found.size is None and size.isdecimal():
                    found.size = int(size) / 2
            if name == "txbxContent":
                found.boxes.append(node)
                continue
            if name == "t":
                parts.append(node.text or "")
                continue
            parts.append(self._sign(name, node))
            pending.extend(reversed(node))
        found.text = "".join(parts)
        return found

    def _sign(self, name: str, node: etree._Element) -> str:
        if name == "br":
            return "" if attribute(node, "type") in {"page", "column"} else "\n"
        if name == "sym":
            return _symbol(attribute(node, "char"))
        if name in {"pic", "imagedata"}:
            self.images += 1
        elif name in {"object", "OLEObject"}:
            self.embedded += name == "object"
        elif name in {"footnoteReference", "endnoteReference"}:
            self.notes[name.removesuffix("Reference")].append(attribute(node, "id"))
        return _SIGNS.get(name, "")


def _symbol(code: str) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    # Symbol fonts keep their glyphs at 0xF000 and up; without the font only the ASCII part of
    # the mapping says anything (ISO/IEC 29500-1, 17.3.3.30).
    if 0xF020 <= number <= 0xF07E:
        return "□" if number in {0xF06F, 0xF071} else ""
    if 0xF000 <= number <= 0xF0FF:
        return {0xF0A8: "□", 0xF0FE: "☑", 0xF0FC: "✓", 0xF0D8: "", 0xF052: "☑"}.get(number, "")
    return chr(number) if 0x20 <= number < 0xD800 else ""
