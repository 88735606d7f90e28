"""OFD documents (GB/T 33190-2016) as PDF, so that one set of rules reads and draws both.

Characters keep the code and the place the file states, whatever fonts are at hand: each is a
glyph of a font without outlines whose `ToUnicode` map names the character. MuPDF draws such
glyphs with the CJK font it carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import LimitExceeded, UnreadableFile
from ingest.formats.ofd_draw import POINTS_PER_MM, draw_page
from ingest.formats.ofd_package import Font, OfdDocument, OfdPackage, OfdPage, count_of
from ingest.formats.word_xml import child
from ingest.mupdf import import_pymupdf

#: Pictures of more pixels than a page at 600 dpi are more likely a bomb.
MAX_PICTURE = 50_000_000
# Codes are two bytes; 0 is left for missing glyphs.
_MAX_CODES = 0xFFFF
_PER_MAP = 100


@dataclass(frozen=True, slots=True)
class Converted:
    """A PDF of the same pages, and what of the file is not in it."""

    pdf: bytes
    warnings: tuple[str, ...]


def ofd_to_pdf(data: bytes, *, max_pages: int, only: int | None = None) -> Converted:
    """Convert an OFD file; `only` asks for one page (from 1), all others being left empty.

    Fonts the file carries are not used, shadings, clips and arcs are simplified; signatures,
    annotations and attachments are left out and said to be. Raises `UnreadableFile`,
    `EncryptedFile` and `LimitExceeded`.
    """
    with OfdPackage(data) as package:
        documents = package.documents()
        references = [(part, page) for part in documents for page in part.pages]
        if not references:
            raise UnreadableFile("the file has no pages: it is damaged or empty; export it again")
        if len(references) > max_pages:
            raise LimitExceeded(
                f"the file has {len(references)} pages, more than the limit of {max_pages}: "
                "raise the page limit or split the file"
            )
        writer = _Writer(package)
        for number, (document, reference) in enumerate(references, 1):
            writer.add(package.page(document, reference), number, empty=only not in {None, number})
        return Converted(writer.finish(), (*_left_out(package, documents), *writer.warnings()))


@dataclass(slots=True)
class _Face:
    """A font of the PDF: its name and object there, and the codes given to its characters."""

    font: Font
    name: str
    xref: int
    codes: dict[tuple[str, int], int] = field(default_factory=dict)


class _Writer:
    """A PDF being written; all its pages share one dictionary of resources."""

    def __init__(self, package: OfdPackage) -> None:
        self._package = package
        self._pymupdf = import_pymupdf()
        self._pymupdf.TOOLS.mupdf_display_errors(False)
        self._pymupdf.TOOLS.mupdf_display_warnings(False)
        self._pdf: Any = self._pymupdf.open()
        self._resources = self._new("<<>>")
        # Pictures enter the file by way of a last page that is dropped again.
        self._pdf.new_page()
        self._faces: dict[Font, list[_Face]] = {}
        self._pictures: dict[str, str | None] = {}
        self._opacities: set[int] = set()
        self._missing: list[int] = []

    def add(self, page: OfdPage, number: int, *, empty: bool) -> None:
        """Add one page."""
        k = POINTS_PER_MM
        self._pdf.new_page(number - 1, page.width * k, page.height * k)
        if page.missing:
            self._missing.append(number)
        if not empty:
            content = self._new("<<>>", draw_page(page, self).encode("ascii"))
            added = self._pdf.page_xref(number - 1)
            self._pdf.xref_set_key(added, "Contents", f"{content} 0 R")
            self._pdf.xref_set_key(added, "Resources", f"{self._resources} 0 R")

    def finish(self) -> bytes:
        """Return the PDF."""
        fonts, faces = "", [face for faces in self._faces.values() for face in faces]
        for face in faces:
            self._define(face)
            fonts += f"/{face.name} {face.xref} 0 R"
        pictures = "".join(f"/{name} {name[1:]} 0 R" for name in self._pictures.values() if name)
        states = "".join(f"/A{a}<</ca {a / 255:.3f}/CA {a / 255:.3f}>>" for a in self._opacities)
        self._pdf.update_object(
            self._resources, f"<</Font<<{fonts}>>/XObject<<{pictures}>>/ExtGState<<{states}>>>>"
        )
        self._pdf.delete_page(-1)
        data = bytes(self._pdf.tobytes())
        self._pdf.close()
        return data

    def warnings(self) -> list[str]:
        """Say what could not be drawn."""
        told = [f"page {number}: its content is missing in the file" for number in self._missing]
        undrawn = sum(1 for name in self._pictures.values() if name is None)
        if undrawn:
            told.append(f"{undrawn} pictures could not be read and were left out")
        return told

    def glyph(self, font: Font, char: str, width: int) -> tuple[str, str]:
        """See `Names`."""
        faces = self._faces.setdefault(font, [])
        if not faces or len(faces[-1].codes) >= _MAX_CODES:
            name = f"F{sum(map(len, self._faces.values())) + 1}"
            faces.append(_Face(font, name, self._new("<<>>")))
        face = faces[-1]
        code = face.codes.setdefault((char, width), len(face.codes) + 1)
        return face.name, f"{code:04X}"

    def picture(self, part: str) -> str | None:
        """See `Names`."""
        if part not in self._pictures:
            self._pictures[part] = self._embed(part)
        return self._pictures[part]

    def opacity(self, alpha: int) -> str:
        """See `Names`."""
        self._opacities.add(alpha)
        return f"A{alpha}"

    def _embed(self, part: str) -> str | None:
        pymupdf = self._pymupdf
        try:
            data = self._package.read(part) or b""
            buffer = pymupdf.mupdf.fz_new_buffer_from_copied_data(data)
            facts = pymupdf.mupdf.fz_new_image_from_buffer(buffer)
            if facts.w() * facts.h() > MAX_PICTURE:
                return None
            last = self._pdf[-1]
            return f"I{last.insert_image(last.rect, stream=data)}"
        except (RuntimeError, ValueError, UnreadableFile, pymupdf.mupdf.FzErrorBase):
            return None

    def _define(self, face: _Face) -> None:
        """Write a font of glyphs without outlines (ISO 32000-1, 9.7.4 and 9.10.3)."""
        # MuPDF draws a font it does not have with its CJK font when it is called SimSun.
        name = _pdf_name(f"SimSun-{face.font.name}" + ("-Bold" if face.font.bold else ""))
        widths = " ".join(str(width) for _, width in face.codes)
        described = self._new(
            f"<</Type/FontDescriptor/FontName{name}/Flags 4/FontBBox[0 -140 1000 860]"
            "/ItalicAngle 0/Ascent 860/Descent -140/CapHeight 700/StemV 80>>"
        )
        glyphs = self._new(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont{name}/CIDSystemInfo<</Registry(Adobe)"
            f"/Ordering(Identity)/Supplement 0>>/FontDescriptor {described} 0 R"
            f"/DW 1000/W[1[{widths}]]>>"
        )
        unicode = self._new("<<>>", _to_unicode([char for char, _ in face.codes]))
        self._pdf.update_object(
            face.xref,
            f"<</Type/Font/Subtype/Type0/BaseFont{name}/Encoding/Identity-H"
            f"/DescendantFonts[{glyphs} 0 R]/ToUnicode {unicode} 0 R>>",
        )

    def _new(self, source: str, stream: bytes | None = None) -> int:
        xref = int(self._pdf.get_new_xref())
        self._pdf.update_object(xref, source)
        if stream is not None:
            self._pdf.update_stream(xref, stream)
        return xref


def _to_unicode(chars: Sequence[str]) -> bytes:
    """Return the map from codes, counted from 1, to characters."""
    lines = [f"<{code:04X}> <{_utf16(char)}>" for code, char in enumerate(chars, 1)]
    blocks = [lines[at : at + _PER_MAP] for at in range(0, len(lines), _PER_MAP)]
    mapped = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /Characters def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{mapped}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")


def _utf16(char: str) -> str:
    return char.encode("utf-16-be").hex().upper()


def _pdf_name(name: str) -> str:
    """Write a name object; what is no plain letter or digit is escaped."""
    plain = "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"#{byte:02X}"
        for byte in name.encode("utf-8", "replace")
        if byte
    )
    return "/" + (plain or "Unnamed")


def _left_out(package: OfdPackage, documents: Sequence[OfdDocument]) -> list[str]:
    told = []
    signed = sum(
        count_of(package, package.locate("", _text_of(body, "Signatures")), "Signature")
        for body in package.bodies
    )
    if signed:
        told.append(f"{signed} electronic signatures were not checked, and their seals not drawn")
    for name, element, what in (
        ("Annotations", "Page", "annotations on {} pages"),
        ("Attachments", "Attachment", "{} attachments"),
    ):
        count = sum(
            count_of(package, package.locate(each.path, _text_of(each.root, name)), element)
            for each in documents
        )
        if count:
            told.append(f"{what.format(count)} were left out")
    return told


def _text_of(node: Any, name: str) -> str:
    found = child(node, name)
    return (found.text or "") if found is not None else ""
