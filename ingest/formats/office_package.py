"""Office files as packages of parts that point to each other (ECMA-376, part 2)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ingest.formats.package import Package


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relationship of the main part points: its type's last word and its target."""

    kind: str
    target: str


class OfficePackage(Package):
    """The parts of a .docx or .xlsx file, found by their relationships."""

    def __init__(self, data: bytes) -> None:
        """Open the file and find its main part; raises as `Package` does."""
        super().__init__(data)
        self.main = self._find_main()

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
        usual = ("word/document.xml", "xl/workbook.xml")
        return next((name for name in usual if name in self.names), usual[0])
