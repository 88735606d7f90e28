"""A .docx as a zip of XML parts, opened with limits: such files come from anywhere."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from lxml import etree

from ingest.errors import EncryptedFile, LimitExceeded, UnreadableFile

MAX_ENTRIES = 10_000
MAX_TOTAL = 1 << 30
MAX_PART = 128 << 20
# Deflate packs no more than 1,032 to 1 (RFC 1951); WordprocessingML of large plain tables was seen
# near 60 to 1 here, so that 200 tells a bomb from a document.
MAX_RATIO = 200
_RATIO_FROM = 8 << 20


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relationship of the main part points: its type's last word and its target."""

    kind: str
    target: str


class Package:
    """The parts of a .docx file; reads only what is inside it, never a link out of it."""

    def __init__(self, data: bytes) -> None:
        """Open the file and check it against the limits.

        Raises `UnreadableFile`, `EncryptedFile` and `LimitExceeded`.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableFile(f"the file is damaged: {error}; export it again") from error
        self._entries = {info.filename: info for info in self._zip.infolist()}
        _check(self._zip.infolist())
        self.main = self._find_main()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def xml(self, name: str) -> etree._Element | None:
        """Return a part's root element; None when there is no such part."""
        info = self._entries.get(name)
        if info is None:
            return None
        content = self._read(info)
        # huge_tree stays off (bounds on depth and text), and no entity is ever expanded.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise UnreadableFile(f"part {name} is damaged: {error}; export it again") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFile(f"part {name} declares a document type, which Word never writes")
        return root

    def relations(self) -> dict[str, Relation]:
        """Return the main part's relationships to parts inside the file, by id."""
        folder, _, base = self.main.rpartition("/")
        root = self.xml(f"{folder}/_rels/{base}.rels")
        found = {}
        for relation in root if root is not None else ():
            if relation.get("TargetMode") == "External":
                continue
            target = relation.get("Target") or ""
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            kind = (relation.get("Type") or "").rpartition("/")[2]
            found[relation.get("Id") or ""] = Relation(kind, posixpath.normpath(path))
        return found

    def _find_main(self) -> str:
        root = self.xml("_rels/.rels")
        for relation in root if root is not None else ():
            if (relation.get("Type") or "").endswith("/officeDocument"):
                return (relation.get("Target") or "").lstrip("/")
        return "word/document.xml"

    def _read(self, info: zipfile.ZipInfo) -> bytes:
        try:
            with self._zip.open(info) as stream:
                content = stream.read(MAX_PART + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
            raise UnreadableFile(
                f"part {info.filename} is damaged: {error}; export it again"
            ) from error
        # The size in the directory is the author's word; this is what really came out.
        if len(content) > MAX_PART:
            raise LimitExceeded(f"part {info.filename} unpacks to more than {MAX_PART >> 20} MiB")
        return content


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedFile("the file is encrypted: save it without a password")
    if len(entries) > MAX_ENTRIES:
        raise LimitExceeded(f"the file holds {len(entries)} parts, more than {MAX_ENTRIES}")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL:
        raise LimitExceeded(
            f"the file unpacks to {total >> 20} MiB, more than {MAX_TOTAL >> 20} MiB: "
            "remove its pictures or split it"
        )
    for entry in entries:
        if entry.file_size > max(_RATIO_FROM, MAX_RATIO * entry.compress_size):
            raise LimitExceeded(
                f"part {entry.filename} is packed over {MAX_RATIO} to 1, as no document is: "
                "the file looks like a zip bomb"
            )
