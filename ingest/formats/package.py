"""Documents that are a zip of XML parts, opened with limits: such files come from anywhere."""

from __future__ import annotations

import io
import zipfile
import zlib
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
_DOCUMENT_TYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))


class Package:
    """The parts of a file; reads only what is inside it, never a link out of it."""

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts."""
        return tuple(self._entries)

    def xml(self, name: str) -> etree._Element | None:
        """Return a part's root element; None when there is no such part."""
        content = self.read(name)
        if content is None:
            return None
        # huge_tree stays off (bounds on depth and text), and no entity is ever expanded.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise UnreadableFile(f"part {name} is damaged: {error}; export it again") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise _with_document_type(name)
        return root

    def refuse_document_types(self) -> None:
        """Raise `UnreadableFile` if any XML part declares a document type, entities and all.

        For parts that a library reads for us, which may expand what they define.
        """
        for name in self.names:
            if name.endswith((".xml", ".rels")):
                content = self.read(name) or b""
                if any(mark in content for mark in _DOCUMENT_TYPES):
                    raise _with_document_type(name)

    def read(self, name: str) -> bytes | None:
        """Return a part's bytes; None when there is no such part."""
        info = self._entries.get(name)
        if info is None:
            return None
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


def _with_document_type(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"part {name} declares a document type, which no office program writes: "
        "export the file again"
    )


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
