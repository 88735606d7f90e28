"""An OFD file (GB/T 33190-2016) as documents, pages, templates and resources.

OFD.xml -> DocBody -> Document.xml -> Page -> Content.xml
                                   -> TemplatePage, PublicRes, DocumentRes
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from ingest.errors import EncryptedFile, UnreadableFile
from ingest.formats.package import Package
from ingest.formats.word_xml import attribute, child, children, local

#: Pages whose size is missing or absurd are taken for A4, in millimetres.
A4 = (210.0, 297.0)
#: The largest side of a page in millimetres: 14,400 points, where ISO 32000-1 (Annex C) ends.
MAX_SIDE = 5080.0


@dataclass(frozen=True, slots=True)
class Font:
    """A font as the file names it; files need not hold the font itself."""

    name: str
    bold: bool


@dataclass(slots=True)
class Resources:
    """What objects refer to by id."""

    fonts: dict[str, Font] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    params: dict[str, etree._Element] = field(default_factory=dict)
    units: dict[str, etree._Element] = field(default_factory=dict)

    def over(self, other: Resources) -> Resources:
        """Return these resources, with those of `other` where these have none."""
        return Resources(
            other.fonts | self.fonts,
            other.images | self.images,
            other.params | self.params,
            other.units | self.units,
        )


@dataclass(frozen=True, slots=True)
class OfdPage:
    """One page: the box that is printed, in millimetres, and its layers from the bottom up.

    `missing` says that the page's own content is not in the file.
    """

    x: float
    y: float
    width: float
    height: float
    layers: tuple[etree._Element, ...]
    resources: Resources
    missing: bool = False


@dataclass(frozen=True, slots=True)
class OfdDocument:
    """One document of a file, its pages unread."""

    path: str
    root: etree._Element
    resources: Resources

    @property
    def pages(self) -> list[etree._Element]:
        """The references to its pages, in order."""
        return list(children(child(self.root, "Pages"), "Page"))


class OfdPackage(Package):
    """The parts of an OFD file, found by the locations that other parts state."""

    def __init__(self, data: bytes) -> None:
        """Open the file; raises `UnreadableFile`, `EncryptedFile` and `LimitExceeded`."""
        super().__init__(data)
        self._by_name = {_key(name): name for name in self.names}
        root = self.xml(self._by_name.get("ofd.xml", ""))
        if "encryptions.xml" in self._by_name:
            raise EncryptedFile("the file is encrypted: save it without encryption")
        if root is None:
            raise UnreadableFile("the file is damaged: it has no OFD.xml; export it again")
        self.bodies = list(children(root, "DocBody"))

    def documents(self) -> list[OfdDocument]:
        """Return the documents of the file; the current version of each."""
        found = []
        for body in self.bodies:
            path = self.locate("", _text(child(body, "DocRoot")))
            root = self.xml(path)
            if root is not None:
                common = child(root, "CommonData")
                found.append(OfdDocument(path, root, self._resources(path, common)))
        return found

    def page(self, document: OfdDocument, reference: etree._Element) -> OfdPage:
        """Read one page with its templates."""
        path = self.locate(document.path, reference.get("BaseLoc") or "")
        root = self.xml(path)
        below, above = self._templates(document, root)
        layers = [layer for part in (*below, root, *above) for layer in _layers(part)]
        resources = self._resources(path, root).over(document.resources)
        common = child(document.root, "CommonData", "PageArea")
        box = _box(child(root, "Area")) or _box(common) or (0.0, 0.0, *A4)
        return OfdPage(*box, tuple(layers), resources, missing=root is None)

    def locate(self, base: str, location: str) -> str:
        """Return the part that `location`, written in part `base`, names; "" if there is none.

        Locations are relative to the part they stand in; those relative to the root are
        absolute by the standard, but not in every program's files.
        """
        location = location.strip()
        near = posixpath.join(posixpath.dirname(base), location) if location else ""
        for candidate in (near, location):
            name = self._by_name.get(_key(candidate)) if candidate else None
            if name is not None:
                return name
        return ""

    def _resources(self, path: str, holder: etree._Element | None) -> Resources:
        found = Resources()
        for name in ("PublicRes", "DocumentRes", "PageRes"):
            for reference in children(holder, name):
                part = self.locate(path, _text(reference))
                root = self.xml(part)
                if root is not None:
                    found = self._listed(part, root).over(found)
        return found

    def _listed(self, part: str, root: etree._Element) -> Resources:
        folder = posixpath.join(posixpath.dirname(part), root.get("BaseLoc") or "", "-")
        found = Resources()
        for font in children(child(root, "Fonts"), "Font"):
            name = font.get("FontName") or font.get("FamilyName") or ""
            found.fonts[font.get("ID") or ""] = Font(name, font.get("Bold") == "true")
        for media in children(child(root, "MultiMedias"), "MultiMedia"):
            file = self.locate(folder, _text(child(media, "MediaFile")))
            if media.get("Type") == "Image" and file:
                found.images[media.get("ID") or ""] = file
        for param in children(child(root, "DrawParams"), "DrawParam"):
            found.params[param.get("ID") or ""] = param
        for unit in children(child(root, "CompositeGraphicUnits"), "CompositeGraphicUnit"):
            found.units[unit.get("ID") or ""] = unit
        return found

    def _templates(
        self, document: OfdDocument, page: etree._Element | None
    ) -> tuple[list[etree._Element], list[etree._Element]]:
        """Return the contents of a page's templates: those below its own, and those above."""
        common = child(document.root, "CommonData")
        known = {node.get("ID"): node for node in children(common, "TemplatePage")}
        below: list[etree._Element] = []
        above: list[etree._Element] = []
        for use in children(page, "Template"):
            template = known.get(use.get("TemplateID"))
            location = attribute(template, "BaseLoc")
            root = self.xml(self.locate(document.path, location))
            order = use.get("ZOrder") or attribute(template, "ZOrder")
            if root is not None:
                (above if order == "Foreground" else below).append(root)
        return below, above


def numbers(text: str | None) -> list[float]:
    """Return the finite numbers of a list such as `0 0 210 297`; what is none is left out."""
    found = []
    for word in (text or "").split():
        try:
            value = float(word)
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found


def _layers(root: etree._Element | None) -> Iterator[etree._Element]:
    content = child(root, "Content") if root is not None else None
    layers: Sequence[etree._Element] = list(children(content, "Layer"))
    order = {"Background": 0, "Foreground": 2}
    yield from sorted(layers, key=lambda layer: order.get(layer.get("Type") or "Body", 1))


def _box(area: etree._Element | None) -> tuple[float, float, float, float] | None:
    for name in ("PhysicalBox", "ApplicationBox"):
        box = numbers(_text(child(area, name)))
        if len(box) == 4 and 0 < box[2] <= MAX_SIDE and 0 < box[3] <= MAX_SIDE:
            return box[0], box[1], box[2], box[3]
    return None


def _text(node: etree._Element | None) -> str:
    return (node.text or "").strip() if node is not None else ""


def _key(name: str) -> str:
    """Return a part's name as compared: some programs write backslashes or another case."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").lower()


def count_of(package: OfdPackage, part: str, name: str) -> int:
    """Count the elements called `name` in a part that lists them; 0 when it is missing."""
    root = package.xml(part)
    return sum(1 for node in root.iter() if local(node) == name) if root is not None else 0
